"""How programs use paintshop."""

import paintshop
from paintshop_tracing.paintshop import integration

from testkit import scenario


@scenario(integration)
def mix_two():
    mixer = paintshop.Mixer()
    return mixer.mix("yellow", "blue"), mixer.mix("red", "blue")


@scenario(integration)
def unknown_colour():
    return paintshop.Mixer().mix("blue", "plaid")
