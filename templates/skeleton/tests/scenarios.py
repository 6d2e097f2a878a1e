"""How programs use foo."""

import foo

from ddtrace.contrib.foo import integration
from testkit import scenario


# Call what the targets wrap, as a user would, and return what came of it.
@scenario(integration)
def name_of_the_library():
    return foo.__name__
