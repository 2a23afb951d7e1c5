"""Texts for property tests: invented news with residue, damage and arbitrary Unicode between the paragraphs."""
from __future__ import annotations

from hypothesis import strategies as st

PROSE = [
    "The harbour council of Velmond approved the new ferry line on Tuesday, after a debate that lasted four hours.",
    "“We have waited ten years for this,” said the mayor, Irma Castellan, in front of the town hall. “",
    "Die Stadt Lindenau will bis zum Herbst drei Brücken sanieren, wie der Baudirektor am Freitag mitteilte.",
    "Le conseil municipal de Varennes-sur-Loire a voté le budget : 12 millions d’euros pour les écoles.",
    "Городской совет Верхнеречья утвердил в понедельник бюджет на следующий год, сообщил его председатель.",
    "市議会は月曜日、来年度の予算案を賛成多数で可決した。市長は記者会見で感謝の言葉を述べた。",
    "أقر مجلس المدينة يوم الاثنين ميزانية العام المقبل بعد نقاش استمر ساعات طويلة.",
    "नगर परिषद ने सोमवार को अगले वर्ष का बजट पारित कर दिया, अध्यक्ष ने बताया।",
    "The cafÃ© reopens in May &amp; the owner doesnâ€™t expect losses.",
]
RESIDUE = [
    "Read Also:  The trial of the harbour master is delayed again", "Recent Articles", "Leave A Reply", "Please enter your comment!",
    "Share on Facebook", "Lesen Sie auch: Neue Brücke eröffnet", "Photo: Marta Lund", "Newsletter abonnieren", "0 Kommentare",
]  # fmt: skip
ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)

lines = st.one_of(st.sampled_from(PROSE), st.sampled_from(RESIDUE), ANY)
breaks = st.sampled_from(["\n\n", "\n", "\r\n", " \n\n\n ", "\n\t\n"])
texts = st.lists(st.tuples(lines, breaks), max_size=12).map(lambda parts: "".join(line + gap for line, gap in parts))
