"""What an HTML page says of itself: title, author, date, url, host and site name, as trafilatura reads them."""
from __future__ import annotations

import json
import re
from copy import deepcopy
from html import unescape

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement
from trafilatura import metadata as reader
from trafilatura.json_metadata import extract_json
from trafilatura.settings import Document as Found

from cleaner.document import Meta
from cleaner.text.addresses import host_of

#: Characters of a value that are kept; a damaged page can hold its whole text in an attribute.
LONGEST = 1_000
DESCRIPTIONS = {"description", "og:description", "twitter:description"}
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
#: What trafilatura's expressions for authors (xpaths.AUTHOR_XPATHS) look for, and the attributes in which they do.
AUTHOR = re.compile(r"uthor|yline|byl|BBL|username|channel-name|zuozhe|bianji|xiaobian|submitted-by|posted-by|journalist-name|screenname|writer")
NAMING = {"class", "id", "rel", "itemprop", "data-testid", "data-component"}


def page_meta(tree: HtmlElement, url: str | None = None) -> Meta:
    """The facts that a parsed page gives of itself; ``url`` is where it came from, and stands where the page names none.

    The steps of ``trafilatura.extract_metadata`` but two: no search for tags, categories and licence (half of its time),
    and no regular expressions over JSON-LD that is no JSON (over a second on one page, for a name or two). The author is
    sought where an element says so: trafilatura copies the whole page for that.
    """
    found = reader.examine_meta(tree)
    if found.author and " " not in found.author:  # an account name
        found.author = None
    found = with_json(tree, found)
    address = found.url or reader.extract_url(tree, url) or url
    host = host_of(address)
    return Meta(
        url=address,
        host=host,
        sitename=tidy((found.sitename or reader.extract_sitename(tree) or "").lstrip("@")) or host,
        title=tidy(found.title or reader.extract_title(tree)),
        author=tidy(found.author or reader.extract_author(author_tree(tree))),
        date=find_date(tree, url=address, original_date=True, extensive_search=False),
    )


def description(tree: HtmlElement) -> str:
    """The longest description that the page gives of itself, "" for none: news sites repeat their lead there."""
    found = (m.get("content", "") for m in tree.iterfind(".//meta") if (m.get("property") or m.get("name") or "").lower() in DESCRIPTIONS)
    return max(found, key=len, default="")


def with_json(tree: HtmlElement, found: Found) -> Found:
    """The facts with those that the page's JSON-LD adds; JSON that is broken or of another shape adds none."""
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            found = extract_json(json.loads(script.text or "{}", strict=False), found)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            continue
    return found


def author_tree(tree: HtmlElement) -> HtmlElement:
    """The page without what cannot name its author: elements whose attributes speak of one, in bare copies of those around them."""
    top = tree.makeelement(tree.tag, tree.attrib)
    copies = {tree: top}

    def copied(element: HtmlElement) -> HtmlElement:
        around = []
        while element not in copies:
            around.append(element)
            element = element.getparent()
        for inner in reversed(around):
            copies[inner] = etree.SubElement(copies[inner.getparent()], inner.tag, inner.attrib)
            element = inner
        return copies[element]

    walker = etree.iterwalk(tree, events=("start",))
    for _, element in walker:
        if element is not tree and (element.tag == "author" or names_author(element)):
            copied(element.getparent()).append(deepcopy(element))
            walker.skip_subtree()
    return top


def names_author(element: HtmlElement) -> bool:
    """Whether an element says that it holds the name of an author."""
    for name in element.keys():  # few have any of them
        if name in NAMING and AUTHOR.search(element.get(name)):
            return True
    return False


def tidy(value: str | None) -> str | None:
    """A value without tags and entities and with its white space collapsed, None for an empty one."""
    if not isinstance(value, str):
        return None
    return " ".join(TAG.sub("", unescape(value[:LONGEST])).split()) or None
