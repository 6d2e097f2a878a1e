"""Pages as a reader sees them, and texts that would like to be a part of them."""

from html.parser import HTMLParser

VOID = {"meta", "rect", "br", "input", "link", "img"}
XSS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img/src=x/onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</title></svg><svg/onload=alert(1)>",
    "]]><!--",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</pre></details></section></style><iframe/srcdoc=x>",
    "\u2028<a/href=//evil.example>",
    "\ud800<b>",
    "\x1b[31m<i>",
]


class Read(HTMLParser):
    """Elements, attributes and text of a page; a page that does not nest is an error."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text, self._open = [], [], []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


ATTACKS = [
    "<script>document.title='attacked'</script>",
    "</script><script>document.title='attacked'</script>",
    "\"><img src=x onerror=document.title='attacked'>",
    "</title></svg><svg onload=document.title='attacked'>",
    "</pre></details></section></style><iframe srcdoc='<script>parent.document.title=1</script>'>",
    "]]><!--<body onload=document.title='attacked'>",
]
