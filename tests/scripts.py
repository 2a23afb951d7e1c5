"""News in twenty scripts, made up for property tests: sentences, what sites of the language write around an article, and damage."""
from __future__ import annotations

from hypothesis import strategies as st
from strategies import ANY

#: By script: a sentence or two of an invented story, and lines that are residue there.
SCRIPTS: dict[str, tuple[list[str], list[str]]] = {
    "Latin": (["The council of Velmond approved the ferry line on Tuesday, after a debate of four hours.", "Der Rat beschloß am Dienstag, die Brücke zu sanieren."], ["Read also: Bridge closed", "Leave A Reply", "Teilen"]),
    "Cyrillic": (["Городской совет утвердил в понедельник бюджет на следующий год.", "Міська рада затвердила бюджет."], ["Читайте также: Новый мост", "Комментарии"]),
    "Greek": (["Το δημοτικό συμβούλιο ενέκρινε τη Δευτέρα τον προϋπολογισμό του επόμενου έτους."], ["Διαβάστε επίσης: Νέα γέφυρα", "Σχόλια"]),
    "Arabic": (["أقر مجلس المدينة يوم الاثنين ميزانية العام المقبل بعد نقاش استمر ساعات.", "شورای شهر بودجهٔ سال آینده را تصویب کرد."], ["اقرأ أيضا: جسر جديد", "التعليقات"]),
    "Hebrew": (["מועצת העיר אישרה ביום שני את התקציב לשנה הבאה לאחר דיון ארוך."], ["קראו גם: גשר חדש", "תגובות"]),
    "Devanagari": (["नगर परिषद ने सोमवार को अगले वर्ष का बजट पारित कर दिया।", "अध्यक्ष ने यह जानकारी दी।"], ["यह भी पढ़ें: नया पुल", "टिप्पणियाँ"]),
    "Bengali": (["নগর পরিষদ সোমবার আগামী বছরের বাজেট অনুমোদন করেছে।"], ["আরও পড়ুন: নতুন সেতু", "মন্তব্য"]),
    "Gurmukhi": (["ਨਗਰ ਕੌਂਸਲ ਨੇ ਸੋਮਵਾਰ ਨੂੰ ਅਗਲੇ ਸਾਲ ਦਾ ਬਜਟ ਪਾਸ ਕਰ ਦਿੱਤਾ।"], ["ਇਹ ਵੀ ਪੜ੍ਹੋ", "ਟਿੱਪਣੀਆਂ"]),
    "Gujarati": (["નગર પરિષદે સોમવારે આવતા વર્ષનું બજેટ મંજૂર કર્યું."], ["આ પણ વાંચો: નવો પુલ", "ટિપ્પણીઓ"]),
    "Tamil": (["நகர சபை திங்கட்கிழமை அடுத்த ஆண்டு வரவு செலவுத் திட்டத்தை நிறைவேற்றியது."], ["மேலும் படிக்க: புதிய பாலம்", "கருத்துகள்"]),
    "Telugu": (["నగర మండలి సోమవారం వచ్చే ఏడాది బడ్జెట్‌ను ఆమోదించింది."], ["ఇది కూడా చదవండి", "వ్యాఖ్యలు"]),
    "Kannada": (["ನಗರ ಸಭೆಯು ಸೋಮವಾರ ಮುಂದಿನ ವರ್ಷದ ಬಜೆಟ್ ಅನ್ನು ಅಂಗೀಕರಿಸಿತು."], ["ಇದನ್ನೂ ಓದಿ", "ಪ್ರತಿಕ್ರಿಯೆಗಳು"]),
    "Malayalam": (["നഗരസഭ തിങ്കളാഴ്ച അടുത്ത വർഷത്തെ ബജറ്റ് പാസാക്കി."], ["ഇതും വായിക്കുക", "അഭിപ്രായങ്ങൾ"]),
    "Sinhala": (["නගර සභාව සඳුදා ලබන වසරේ අයවැය සම්මත කළේය."], ["තවත් කියවන්න"]),
    "Thai": (["สภาเมืองอนุมัติงบประมาณปีหน้าเมื่อวันจันทร์หลังการอภิปรายหลายชั่วโมง"], ["อ่านเพิ่มเติม", "ความคิดเห็น"]),
    "Khmer": (["ក្រុមប្រឹក្សាក្រុងបានអនុម័តថវិកាឆ្នាំក្រោយនៅថ្ងៃច័ន្ទ។"], ["អានបន្ត"]),
    "Burmese": (["မြို့တော်ကောင်စီသည် တနင်္လာနေ့တွင် နောက်နှစ်ဘတ်ဂျက်ကို အတည်ပြုခဲ့သည်။"], ["ဆက်ဖတ်ရန်"]),
    "Han": (["市議會星期一通過了明年的預算，市長在記者會上表示感謝。", "市议会周一通过了明年的预算。"], ["相关阅读：新桥", "评论"]),
    "Kana": (["市議会は月曜日、来年度の予算案を賛成多数で可決した。", "フェリーは五月から運航する。"], ["関連記事：新しい橋", "ランキング"]),
    "Hangul": (["시의회는 월요일 내년도 예산안을 통과시켰다고 시장이 밝혔다."], ["관련기사: 새 다리", "댓글"]),
    "Georgian": (["საკრებულომ ორშაბათს მომავალი წლის ბიუჯეტი დაამტკიცა."], ["წაიკითხეთ ასევე"]),
    "Armenian": (["Քաղաքային խորհուրդը երկուշաբթի հաստատեց հաջորդ տարվա բյուջեն։"], ["Կարդացեք նաև"]),
    "Ethiopic": (["የከተማው ምክር ቤት ሰኞ የሚቀጥለውን ዓመት በጀት አጸደቀ።"], ["ተጨማሪ ያንብቡ"]),
}  # fmt: skip


def misread(text: str) -> str:
    """UTF-8 read as Windows-1252, where it can be."""
    try:
        return text.encode("utf-8", "surrogatepass").decode("cp1252")
    except UnicodeDecodeError:
        return text


#: What scrapers and other programs make of a text on its way.
DAMAGES = {
    "none": lambda t: t,
    "UTF-8 read as Windows-1252": misread,
    "escaped twice": lambda t: t.replace("&", "&amp;amp;").replace("“", "&amp;ldquo;"),
    "wrapped": lambda t: "\n".join(t[i : i + 60] for i in range(0, len(t), 60)),
    "carriage returns": lambda t: t.replace("\n", "\r\n"),
    "cut in a pair": lambda t: t.encode("utf-16-le", "surrogatepass")[:-2].decode("utf-16-le", "surrogatepass"),
    "spaces of all kinds": lambda t: t.replace(" ", " \u200b\u00a0"),
    "right to left": lambda t: f"\u202b{t}\u202c\ufeff",
    "a quote astray": lambda t: f"{t} “",
}
GAPS = st.sampled_from(["\n\n", "\n", "\r\n", " \n\n\n", "\n\t\n", "\u2028"])


def lines(script: str) -> st.SearchStrategy[str]:
    """A paragraph, residue or anything."""
    prose, residue = SCRIPTS[script]
    return st.one_of(st.sampled_from(prose), st.sampled_from(residue), st.lists(st.sampled_from(prose), min_size=2, max_size=4).map(" ".join), ANY)


def documents(script: str) -> st.SearchStrategy[str]:
    """A document in a script: paragraphs with residue between them, damaged in one way or another."""
    whole = st.lists(st.tuples(lines(script), GAPS), min_size=1, max_size=9).map(lambda parts: "".join(line + gap for line, gap in parts))
    return st.tuples(whole, st.sampled_from(sorted(DAMAGES))).map(lambda made: DAMAGES[made[1]](made[0]))
