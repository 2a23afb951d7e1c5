"""Undo what encodings, markup and machines did to a text: block by block, each change an edit that can be taken back.

Order: misread encodings → surrogates → entities → mojibake → quotation marks → control and invisible characters → NFC → spaces → typography.
A text that holds none of the signs of damage is left after one look; most of a clean corpus goes that way.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from unicodedata import is_normalized, normalize

from cleaner.document import Block, Document, Mark, Meta
from cleaner.edits import Rewrite, differences
from cleaner.stage import stage
from cleaner.text import characters as ch
from cleaner.text import mojibake as mo
from cleaner.text import typography as ty
from cleaner.text.keys import not_ascii
from cleaner.text.misread import misread, reread

STAGE = "repair"
#: So many matches of one pattern are recorded each for itself; of more the whole stretch is, which keeps time linear.
EDITS_APART = 60
#: What stands where characters were lost for good: U+FFFD, and question marks inside words, before them and in their stead;
#: the search goes from one of the two signs to the next.
LOST = re.compile(
    r"\ufffd+|\?(?:(?<=[^\W\d_]\?)\?*(?=[^\W\dA-Z_])|(?<![^\s(]\?)(?=[^\W\d_])|(?<!\?\?)\?{2,}+(?=[ ,.]\?{2}))"
)
#: A question mark in a word with one of these is part of an address; words are looked at so far to both sides.
ADDRESS = re.compile(r"[/=&@]|www\.")
WORD_REACH = 200
#: A repair may lay bare another damage (an entity behind a zero-width space); of 4,118 texts that
#: showed signs of damage 169 needed two passes, 13 three (benchmark encoding, seed 1).
MAX_PASSES = 6
#: Bytes of UTF-8 a character up to which a document is looked at as a whole.
MOSTLY_ASCII = 1.2
FOREIGN = re.compile("([^\x00-\x7f]+)")
#: A stretch that NFC composes for itself: nothing composes with an ASCII character in front of it.
COMPOSABLE = re.compile("[\x00-\x7f]?[^\x00-\x7f]+")

Rewrites = dict[int, Rewrite]


@stage
def repair(doc: Document, *, typography: bool = True, keep_nbsp: bool = False) -> Document:
    """Repair damaged characters: misread encodings, mojibake, entities, surrogates, invisible and control characters, spaces and quotes.

    typography: also put right what translation and scraping leave: doubled spaces, a space before punctuation, a closing
    quotation mark turned round; French keeps its spaces. keep_nbsp: leave no-break spaces, which are otherwise made plain.
    Characters lost for good are flagged ``repair.lost`` (score: how many), never guessed.
    """
    tails, live = cut_off(doc), list(doc.live())
    texts = {i: b.text for i, b in live}
    encoding = misread(texts.values())
    clean = not encoding and sound(list(texts.values()), typography)
    rewrites = {i: Rewrite(t) for i, t in texts.items() if encoding and not t.isascii() or i in tails or not clean and damaged(t, typography)}
    if rewrites:
        for i, rewrite in rewrites.items() if encoding else ():
            reword(rewrite, "repair.misread", reread(rewrite.text, encoding))
            texts[i] = rewrite.text
        for _ in range(MAX_PASSES):
            before = {i: r.text for i, r in rewrites.items()}
            one_pass(rewrites, tails, keep_nbsp, ty.habits(list(texts.values()), doc.meta.lang) if typography else None)
            changed = {i for i, r in rewrites.items() if r.text != before[i] and damaged(r.text, typography)}
            if not changed:
                break
            texts |= {i: rewrites[i].text for i in rewrites}
            tails = {}
        doc = carried_out(doc, rewrites)
        live = list(doc.live())
    if doc.meta.title:
        title = reread(doc.meta.title, encoding) if encoding else doc.meta.title
        if (title := mended(title, doc.meta.lang, typography, keep_nbsp)) != doc.meta.title:
            doc = doc.about(title=title)
    return doc.add(lost_marks(doc, live))


def mended(title: str, lang: str | None, typography: bool, keep_nbsp: bool) -> str:
    """A title repaired as a text of its own."""
    if not damaged(title, typography):
        return title
    alone = Document("", (Block(title),), meta=Meta(lang=lang))
    return repair.function(alone, typography=typography, keep_nbsp=keep_nbsp).blocks[0].text


def sound(texts: list[str], typography: bool) -> bool:
    """Whether none of a document's texts shows any sign of damage: three documents in four are, and one look at all of it says so."""
    joined = "\n".join(texts)
    if len(joined.encode("utf-8", "surrogatepass")) > MOSTLY_ASCII * len(joined):
        return False  # another alphabet: to be looked at text by text
    there = " ".join(not_ascii(joined))
    return not (
        ch.controls(joined) != "\n" * (len(texts) - 1)
        or ch.strange(there)
        or ("&" in joined and ch.ENTITY.search(joined))
        or (typography and ty.UNTIDY.search(joined))
        or mo.suspicious(there)
        or mo.EAST_ASIAN.search(there)
        or not is_normalized("NFC", joined)
    )


def damaged(text: str, typography: bool) -> bool:
    """Whether a text shows any sign of damage; clean text is through in a fraction of a repair's time."""
    return (
        ch.strange(text)
        or ("&" in text and ch.ENTITY.search(text) is not None)
        or (typography and ty.UNTIDY.search(text) is not None)
        or (not text.isascii() and (mo.suspicious(text) or not is_normalized("NFC", text)))
    )


def cut_off(doc: Document) -> dict[int, str]:
    """White space behind a block that may be the last byte of its last character, by block number; once repaired it is used up."""
    spaces = [*[b.before for b in doc.blocks[1:]], doc.tail]
    if set(mo.LOST_SPACES).isdisjoint("".join(spaces)):
        return {}
    behind = {i: space[0] for i, space in enumerate(spaces) if space and space[0] in mo.LOST_SPACES}
    done = {m.block for m in doc.marks if m.stage == STAGE}
    return {i: behind[i] for i, b in doc.live() if i in behind and i not in done and not b.text.isascii()}


def one_pass(rewrites: Rewrites, tails: dict[int, str], keep_nbsp: bool, habits: ty.Habits | None) -> None:
    """Every repair once, in order. habits: None leaves the typography alone."""
    decode_surrogates(rewrites)
    for rewrite in rewrites.values():
        substitute(rewrite, "repair.entities", ch.ENTITY, ch.referent)
    undo_mojibake(rewrites, tails)
    for rewrite in rewrites.values():
        plain_characters(rewrite, keep_nbsp)
        if habits:
            plain_typography(rewrite, habits)
        if rewrite.text != rewrite.text.strip():
            rewrite.become(rewrite.text.strip(), "repair.spacing")


def decode_surrogates(rewrites: Rewrites) -> None:
    """Join surrogate pairs and decode the bytes that stand escaped as surrogates, all of a document in one encoding."""
    hit = [r for r in rewrites.values() if ch.SURROGATE.search(r.text)]
    if hit:
        encoding = ch.escaped_encoding([r.text for r in hit])
        for rewrite in hit:
            reword(rewrite, "repair.surrogates", ch.join_surrogates(rewrite.text, encoding))


def undo_mojibake(rewrites: Rewrites, tails: dict[int, str]) -> None:
    """Mojibake of all blocks; what one paragraph proved, its neighbours need less evidence for."""
    suspects = {i: r for i, r in rewrites.items() if mo.suspicious(r.text + tails.get(i, ""))}
    proven: dict[str, None] = {}
    for i, rewrite in suspects.items():
        if encoding := unscramble(rewrite, tails.get(i, ""), ()):
            proven[encoding] = None
    for i, rewrite in suspects.items():
        if proven and mo.suspicious(rewrite.text):
            unscramble(rewrite, tails.get(i, ""), tuple(proven))
        substitute(rewrite, "repair.quotes", mo.GARBLED_MARK, lambda m: mo.GARBLED[m[0]])
        substitute(rewrite, "repair.mojibake", mo.C1, mo.c1_character)


def unscramble(rewrite: Rewrite, tail: str, proven: tuple[str, ...]) -> str:
    """Undo the mojibake of one block, the white space behind it taken for a byte where that mends a character."""
    for behind in dict.fromkeys((tail, "")):
        text = mo.with_lost_byte(rewrite.text + behind)
        fixed, encoding = mo.unscramble(text, proven)
        if fixed != text and not (behind == "\x85" and fixed.endswith("…")):  # an ellipsis of its own is white space to us
            reword(rewrite, "repair.mojibake", fixed.strip())
            return encoding
    substitute(rewrite, "repair.quotes", mo.CUT_QUOTE, "”")
    return ""


def plain_characters(rewrite: Rewrite, keep_nbsp: bool) -> None:
    """Control and invisible characters out, NFC, one kind of space, no line break."""
    if ch.strange(rewrite.text):
        substitute(rewrite, "repair.controls", ch.TERMINAL, "")
        substitute(rewrite, "repair.controls", ch.CONTROL, "")
        substitute(rewrite, "repair.invisible", ch.INVISIBLE, ch.needed)
        substitute(rewrite, "repair.spacing", ch.BREAK, " ")
        substitute(rewrite, "repair.spacing", ch.ODD_SPACE_BUT_NBSP if keep_nbsp else ch.ODD_SPACE, " ")
    if not is_normalized("NFC", rewrite.text):
        compose(rewrite)


def compose(rewrite: Rewrite) -> None:
    """NFC, stretch by stretch: aligning a whole paragraph with its normal form takes 70 ms."""
    stretches = [(m.start(), m[0], normalize("NFC", m[0])) for m in COMPOSABLE.finditer(rewrite.text)]
    put(rewrite, "repair.nfc", [(at + a, at + b, new) for at, old, nfc in stretches for a, b, new in differences(old, nfc)])


def plain_typography(rewrite: Rewrite, habits: ty.Habits) -> None:
    """Spaces and quotation marks as the text's own language sets them."""
    if ty.UNTIDY.search(rewrite.text):
        substitute(rewrite, "repair.spacing", ty.DOUBLE_SPACE, " ")
        substitute(rewrite, "repair.spacing", ty.SPACED_APOSTROPHE, "’")
        quotes = ty.stray_quotes(rewrite.text, habits.closer)
        put(rewrite, "repair.quote_space", quotes)
        substitute(rewrite, "repair.spacing", ty.loose_spaces(rewrite.text, habits.spaced_marks), "")


def substitute(rewrite: Rewrite, rule: str, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> None:
    """Put ``new`` in place of every match of a pattern."""
    put(rewrite, rule, [(m.start(), m.end(), new if isinstance(new, str) else new(m)) for m in pattern.finditer(rewrite.text)])


def put(rewrite: Rewrite, rule: str, pieces: list[tuple[int, int, str]]) -> None:
    """Put new wordings in place of spans, given in order: each an edit of its own, or one for the stretch when they are many."""
    text = rewrite.text
    if len(pieces) <= EDITS_APART:
        for start, end, piece in reversed(pieces):
            if text[start:end] != piece:
                rewrite.replace(start, end, piece, rule)
        return
    first, last, position, out = pieces[0][0], pieces[-1][1], pieces[0][0], []
    for start, end, piece in pieces:
        out += [text[position:start], piece]
        position = end
    rewrite.replace(first, last, "".join(out), rule)


def reword(rewrite: Rewrite, rule: str, new: str) -> None:
    """Turn the text into ``new``, edit by edit where both are the same but for what is not ASCII, as in most mojibake."""
    was, now = FOREIGN.split(rewrite.text), FOREIGN.split(new)
    if was[::2] != now[::2]:
        return rewrite.become(new, rule)
    pieces, position = [], 0
    for n, (old, piece) in enumerate(zip(was, now)):
        if n % 2 and old != piece:
            pieces.append((position, position + len(old), piece))
        position += len(old)
    return put(rewrite, rule, pieces)


def carried_out(doc: Document, rewrites: Rewrites) -> Document:
    """The document with its blocks rewritten and the edits marked; marks that point into a block move with its text."""
    blocks, marks = list(doc.blocks), []
    edits = {i: r.marks(i, STAGE) for i, r in rewrites.items() if r.text != doc.blocks[i].text}
    for i in edits:
        blocks[i] = blocks[i]._replace(text=rewrites[i].text)
    for mark in doc.marks:
        if mark.block in edits and mark.action != "edit":  # an older edit is undone after these, in the text it left
            mark = mark._replace(start=moved(mark.start, edits[mark.block]), end=moved(mark.end, edits[mark.block]))
        marks.append(mark)
    return replace(doc, blocks=tuple(blocks), marks=(*marks, *(m for found in edits.values() for m in found)))


def moved(offset: int, edits: list[Mark]) -> int:
    """Where an offset of a text stands after its edits; one inside an edited span moves to its end."""
    shift = 0
    for edit in edits:
        start = edit.start - shift
        if offset <= start:
            break
        if offset < start + len(edit.original):
            return edit.end
        shift += edit.end - edit.start - len(edit.original)
    return offset + shift


def lost_marks(doc: Document, live: list[tuple[int, Block]]) -> list[Mark]:
    """Flags for live blocks with characters that nobody can bring back."""
    told = {m.block for m in doc.marks if m.rule == "repair.lost"}
    marks = []
    for i, block in live:
        if i not in told and ("\ufffd" in block.text or "?" in block.text):
            found = [m for m in LOST.finditer(block.text) if not in_address(m)]
            if found:
                count = sum(len(m[0]) for m in found)
                detail = f"{count} characters lost for good"
                marks.append(Mark(i, found[0].start(), found[-1].end(), STAGE, "repair.lost", "flag", None, float(count), detail))
    return marks


def in_address(match: re.Match[str]) -> bool:
    """Whether a question mark stands in a web address or the like."""
    text, at = match.string, match.start()
    if text[at] != "?":
        return False
    start = text.rfind(" ", max(0, at - WORD_REACH), at) + 1 or max(0, at - WORD_REACH)
    end = text.find(" ", at, at + WORD_REACH)
    return ADDRESS.search(text, start, end if end >= 0 else at + WORD_REACH) is not None
