"""The mess of real data, one piece a row: what the sample's records have at fixed places.

Five series, each a tuple of overrides of a record's raw fields. `sample.py` lays a series over every tenth
record, so that a day of 500 holds all of it, and a larger sample the same share.
"""

from collections.abc import Mapping

MISSING = object()
"""The field is not in the JSON at all."""

FLOOR_LABELS: tuple[str, ...] = (
    *("B1", "1F", "1", "1f", "G", "GF", "GA", "U", "M", "BM1", "BM2", "BM", "7A"),
    *("basement 1", "ground floor", "upper ground", "mezzanine", "mezzanine floor"),
    *("first floor", "second floor", "third floor", "fourth floor"),
    *("fifth floor", "sixth floor", "seventh floor", "eighth floor"),
    *("B1 Floor", "3F Floor", "Fl. 3", "Fl. G", "Fl. GA", "Fl. M", "Fl. U", "Fl. B1", "Fl. BM1", "Fl. BF"),
    *(",1", "2,3", "Fl. 3,4", "Fl. G,GA", "Fl. M,1", "7,8", "7,7A,8A", "Fl. BM1,G", "Fl. 99,77"),
    *("Rooftop Garden", " 4F ", "FL. 2"),
)
"""Every form of a floor label that was seen, lists included; `Fl. 99,77` and the rooftop fit no floor."""

FLOORS: tuple[Mapping[str, object], ...] = (
    *({"floor": label} for label in FLOOR_LABELS),
    {"floor": "1F", "floorRevised": "Fl. 5,6"},
    {"floor": "2F", "floorRevised": " "},
)

CATEGORY_LABELS: tuple[tuple[str | None, str | None], ...] = (
    ("International Luxury Brands", "แบรนด์หรู"),
    ("international luxury", "แบรนด์หรู"),
    ("Luxury International", "แบรนด์หรู"),
    ("Premium Luxury", "แบรนด์หรู"),
    ("High-End Luxury", "แบรนด์หรู"),
    ("Luxury Brands", "แบรนด์หรู"),
    ("Luxury Fashion", "แบรนด์หรู"),
    ("Fashion and Accessories", "แฟชั่น"),
    ("FASHION&amp;ACCESSORIES", "แฟชั่น"),
    ("International Fashion", "แฟชั่น"),
    ("Premium Fashion", "แฟชั่น"),
    ("High-End Fashion", "แฟชั่น"),
    ("Fashion Brands", "แฟชั่น"),
    ("Health and Beauty", "ความงาม"),
    ("Beauty &amp;amp; Wellness", "ความงาม"),
    ("Beauty Brands", "ความงาม"),
    ("International Beauty", "ความงาม"),
    ("Premium Beauty", "ความงาม"),
    ("International Cosmetics", "ความงาม"),
    ("Premium Cosmetics", "ความงาม"),
    ("Mobile , Gadget , Electronics", "แกดเจ็ต"),
    ("Mobile, Gadget &amp; Electronics", "แกดเจ็ต"),
    ("Mobile, Gadget and Electronics", "แกดเจ็ต"),
    ("Food and Beverage", "อาหาร"),
    ("FOOD &  BEVERAGE", "อาหาร"),
    ("Restaurant", "ร้านอาหาร"),
    ("Grocery, Lifestyle and Department Store", "ซูเปอร์มาร์เก็ต"),
    ("Leisure &amp; Entertainment", "สันทนาการ"),
    ("Service", "บริการ"),
    ("Specialty", "ร้านเฉพาะทาง"),
    ("Specialty Items", "สินค้าเฉพาะทาง"),
    ("Cosmetic &amp; Fragrance", "น้ำหอม"),
    ("Cosmetics and Fragrances", "น้ำหอม"),
    ("luxury", "ลักชัวรี"),
    ("Jewelry", "เครื่องประดับ"),
    (None, "ความงาม"),
    (" ", "กีฬา"),
    ("Timepieces", "เครื่องประดับและนาฬิกา"),
    ("Café &amp; Bakery", "คาเฟ่"),
    ("Wine Bar", "ไวน์บาร์"),
    ("Barber", "ร้านตัดผม"),
    ("Take Home Desserts", "ซื้อกลับบ้าน"),
    ("Pop-Up Market", "ตลาดนัดชั่วคราว"),
    ("Community Space", "พื้นที่ชุมชน"),
    (None, None),
)
"""Every family of alias, exact and partial names, Thai only, words that say dining or don't, unmapped."""

CATEGORIES: tuple[Mapping[str, object], ...] = tuple(
    {"categoryNameEn": english, "categoryNameTh": thai} for english, thai in CATEGORY_LABELS
)

HOURS: tuple[Mapping[str, object], ...] = tuple(
    {"openingHours": text}
    for text in (
        "10.00 - 22.00",
        "10:00-22:00",
        "10:00 – 22:00",
        "10.00 – 22.00 น.",
        "Daily 10:00 - 22:00",
        "10.00-21.30 Daily",
        "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00",
        "Mon - Thu 11.00 - 20.00, Fri - Sun 10.00 - 22.00",
        "จันทร์-ศุกร์ 10.00-21.00 น., เสาร์-อาทิตย์ 10.00-22.00 น.",
        "24 hours",
        "24 Hours",
        "๑๐.๐๐ - ๒๒.๐๐ น.",
        "9.00 - 20.00 น.",
        " 10:00 - 22:00 ",
        "",
        None,
        MISSING,
        "By appointment only",
        "25:99 - 26:00",
        "โปรดสอบถามที่ร้าน",
    )
)
"""Opening hours in every form; the last three can't be read."""

TEXTS: tuple[Mapping[str, object], ...] = (
    {"brandNameEn": "O&#039;Wrenfield", "brandNameTh": "โอเรนฟิลด์"},
    {"brandNameEn": "Thorn &amp;amp; Thimble", "brandNameTh": "ธอร์น &amp;amp; ธิมเบิล"},
    {"descriptionEn": "Open till late &ndash; even on Mondays &hellip; caf&eacute; inside &#x1F33F;"},
    {"brandNameTh": "\\u0e01\\u0e32\\u0e41\\u0e1f\\u0e18\\u0e32\\u0e23\\u0e32"},
    {"descriptionTh": "\\u0e2a\\u0e27\\u0e31\\u0e2a\\u0e14\\u0e35 \\ud83c\\udf3f\\ud83d\\udecd ทุกวัน"},
    {"descriptionEn": "First line.\r\nSecond line.\r\n\r\nThird, after a blank one."},
    {"descriptionTh": "บรรทัดแรก\x0bบรรทัดสอง\x07"},
    {"brandNameEn": "Grey\x00 Finch", "brandNameTh": "เกรย์ ฟินช์"},
    {"brandNameEn": "Marl\u00a0&amp;\u00a0Moss", "unit": "G\u00a012"},
    {"brandNameEn": "Ăn Cỏ Ăn Lá", "brandNameTh": "อัน ก๋อ อัน ลา"},
    {"brandNameEn": "Ăn Mây Ăn Gió", "brandNameTh": None},
    {"brandNameEn": "Lumenique™", "brandNameTh": "ลูเมนิค™"},
    {"brandNameEn": "“Quiet” Corner’s", "brandNameTh": "“ไควเอ็ต” คอร์เนอร์ส"},
    {"brandNameTh": ""},
    {"brandNameTh": "   ", "shopNameThai": None},
    {"brandNameEn": "  Padded Plover  ", "tel": " 02 555 0100 ", "zone": " Riverwalk"},
    {"brandNameEn": None, "shopNameEnglish": "Bellwether Rooms (Level M)"},
    {"brandNameEn": None, "shopNameEnglish": "", "brandNameTh": "ร้านศรีตะวันฉาย", "shopNameThai": None},
    {"lastOrder": MISSING, "faqs": MISSING, "attribute39": MISSING, "contact": MISSING},
    {"tel": MISSING, "website": MISSING, "descriptionEn": None, "descriptionTh": "", "status": None},
    {"brandNameEn": "Cafe\u0301 Noisettine", "brandNameTh": "คาเฟ่ นัวเซ็ตตีน"},
    {"startDate": "to be confirmed", "endDate": "2027-13-45"},
    {"startDate": "2024-03-01T10:00:00+07:00", "endDate": None},
    {"loyaltyTier": "gold"},
    {"loyaltyTier": "silver", "parking": {"minutes": 120, "validated": True}},
    {"website": "www.saltfinch.example/?a=1&amp;b=2", "unit": " "},
    {
        "brandNameEn": "Cinnabar Otter",
        "brandNameTh": "ซินนาบาร์ ออตเตอร์",
        "tenantId": "TN-OTTER",
        "floor": "1F",
    },
    {
        "brandNameEn": "Cinnabar Otter",
        "brandNameTh": "ซินนาบาร์ ออตเตอร์",
        "tenantId": "TN-OTTER",
        "floor": "4F",
    },
    {"uniqueId": None, "brandNameEn": "Nameless Newt", "brandNameTh": "เนมเลส นิวท์"},
    {"brandNameEn": "Twin Curlew", "brandNameTh": "ทวิน เคอร์ลิว", "floor": "4,5"},
)
"""Texts, names, dates, missing and unknown fields. The last is on two floors; see `sample.TAKEN_ID_SLOT`."""
