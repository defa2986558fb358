"""Words of the sample: brands in English and Thai, all invented (any likeness is chance), and sentences."""

from typing import NamedTuple

FIRST: tuple[tuple[str, str], ...] = (
    ("Amber", "แอมเบอร์"),
    ("Azure", "อาซัวร์"),
    ("Banyan", "แบนยาน"),
    ("Basalt", "บะซอลต์"),
    ("Bramble", "แบรมเบิล"),
    ("Cinder", "ซินเดอร์"),
    ("Clover", "โคลเวอร์"),
    ("Copper", "คอปเปอร์"),
    ("Coral", "คอรัล"),
    ("Dapple", "แดปเปิล"),
    ("Ember", "เอมเบอร์"),
    ("Fable", "เฟเบิล"),
    ("Fennel", "เฟนเนล"),
    ("Gilded", "กิลเด็ด"),
    ("Hazel", "เฮเซล"),
    ("Indigo", "อินดิโก"),
    ("Ivory", "ไอวอรี"),
    ("Juniper", "จูนิเปอร์"),
    ("Kindred", "คินเดรด"),
    ("Lacquer", "แลคเกอร์"),
    ("Linden", "ลินเดน"),
    ("Larkspur", "ลาร์กสเปอร์"),
    ("Mallow", "มอลโลว์"),
    ("Marble", "มาร์เบิล"),
    ("Meadow", "เมโดว์"),
    ("Nimbus", "นิมบัส"),
    ("Opal", "โอปอล"),
    ("Orchid", "ออร์คิด"),
    ("Pebble", "เพบเบิล"),
    ("Quartz", "ควอตซ์"),
    ("Quill", "ควิลล์"),
    ("Russet", "รัสเซ็ต"),
    ("Saffron", "แซฟฟรอน"),
    ("Sable", "เซเบิล"),
    ("Tamarind", "แทมารินด์"),
    ("Thistle", "ทิสเซิล"),
    ("Umber", "อัมเบอร์"),
    ("Velour", "เวลัวร์"),
    ("Willow", "วิลโลว์"),
    ("Yarrow", "แยร์โรว์"),
    ("Zephyr", "เซเฟอร์"),
)
SECOND: tuple[tuple[str, str], ...] = (
    ("Anchor", "แองเคอร์"),
    ("Arcade", "อาร์เคด"),
    ("Atelier", "อาเตลิเยร์"),
    ("Beacon", "บีคอน"),
    ("Bloom", "บลูม"),
    ("Bureau", "บูโร"),
    ("Cabinet", "คาบิเนต"),
    ("Canvas", "แคนวาส"),
    ("Compass", "คอมพาส"),
    ("Corner", "คอร์เนอร์"),
    ("Crane", "เครน"),
    ("Drift", "ดริฟต์"),
    ("Fathom", "แฟธอม"),
    ("Feather", "เฟเธอร์"),
    ("Folio", "โฟลิโอ"),
    ("Garden", "การ์เดน"),
    ("Harbour", "ฮาร์เบอร์"),
    ("Heron", "เฮรอน"),
    ("House", "เฮาส์"),
    ("Kettle", "เคทเทิล"),
    ("Kite", "ไคท์"),
    ("Lantern", "แลนเทิร์น"),
    ("Ledger", "เลดเจอร์"),
    ("Loom", "ลูม"),
    ("Market", "มาร์เก็ต"),
    ("Mirror", "มิเรอร์"),
    ("Orchard", "ออร์ชาร์ด"),
    ("Parlour", "พาร์เลอร์"),
    ("Pavilion", "พาวิลเลียน"),
    ("Ribbon", "ริบบอน"),
    ("River", "ริเวอร์"),
    ("Sparrow", "สแปร์โรว์"),
    ("Studio", "สตูดิโอ"),
    ("Theory", "เธียรี"),
    ("Thread", "เธรด"),
    ("Tide", "ไทด์"),
    ("Works", "เวิร์กส์"),
)
# 41 and 37 have no common factor: every pair comes up once in 1,517 records
THIRD: tuple[tuple[str, str], ...] = (
    ("Avenue", "อเวนิว"),
    ("Bangkok", "แบงค็อก"),
    ("Collective", "คอลเลกทีฟ"),
    ("Essentials", "เอสเซนเชียลส์"),
    ("Gallery", "แกลเลอรี"),
    ("Maison", "เมซง"),
    ("Riverside", "ริเวอร์ไซด์"),
    ("Siam Lane", "สยามเลน"),
    ("Society", "โซไซตี้"),
    ("Terrace", "เทอร์เรส"),
    ("Workshop", "เวิร์กช็อป"),
)

WORLD: tuple[tuple[str, str], ...] = (
    ("Bếp Sương Mai", "เบ๊บ เซือง มาย"),
    ("Ăn Quán Lá Chuối", "อัน กวาน ลา จ๊วย"),
    ("Phở Ngõ Trăng", "เฝอ หงอ จัง"),
    ("Café Brindille", "คาเฟ่ แบรงดีย์"),
    ("Maison Pétillon", "เมซง เปติยง"),
    ("L’Îlot Gourmandeau", "ลีโล กูร์มองโด"),
    ("Baan Rim Khlong Thong", "บ้านริมคลองทอง"),
    ("Krua Yai Champa", "ครัวยายจำปา"),
    ("Ran Khao Hom Mali Doi", "ร้านข้าวหอมมะลิดอย"),
    ("Talat Noi Kitchen Row", "ตลาดน้อยคิทเช่นโรว์"),
)
"""Names in Vietnamese, French and Thai; one of them stands in every eighth dining."""


class Profile(NamedTuple):
    """A sort of tenant.

    Attributes:
        share: Percent of the records.
        category_en: Label as the directory writes it.
        category_th: The same in Thai.
        sub_en: Sub-category.
        sub_th: The same in Thai.
        product_en: What is sold, for the description.
        product_th: The same in Thai.
        floors: Labels of the floors where such tenants are.
    """

    share: int
    category_en: str
    category_th: str
    sub_en: str
    sub_th: str
    product_en: str
    product_th: str
    floors: tuple[str, ...]


PROFILES: tuple[Profile, ...] = (
    Profile(
        18,
        "Fashion &amp; Accessories",
        "แฟชั่นและเครื่องประดับ",
        "Apparel",
        "เสื้อผ้า",
        "ready-to-wear and leather accessories",
        "เสื้อผ้าสำเร็จรูปและเครื่องหนัง",
        ("1F", "2F", "1", "Fl. 2", "3F", "second floor"),
    ),
    Profile(
        8,
        "International Luxury Brands",
        "แบรนด์หรูระดับโลก",
        "Leather Goods",
        "เครื่องหนัง",
        "hand-finished bags and silk",
        "กระเป๋าและผ้าไหมงานฝีมือ",
        ("M", "MF", "Fl. M", "1F", "G"),
    ),
    Profile(
        10,
        "Health &amp; Beauty",
        "สุขภาพและความงาม",
        "Skincare",
        "บำรุงผิว",
        "skincare from botanical extracts",
        "ผลิตภัณฑ์บำรุงผิวจากพืชพรรณ",
        ("4F", "Fl. 4", "4", "fourth floor"),
    ),
    Profile(
        6,
        "Cosmetics &amp; Fragrances",
        "เครื่องสำอางและน้ำหอม",
        "Fragrance",
        "น้ำหอม",
        "small-batch scents and make-up",
        "น้ำหอมและเครื่องสำอางรุ่นพิเศษ",
        ("GF", "Fl. G", "G"),
    ),
    Profile(
        7,
        "Mobile, Gadget, Electronics",
        "มือถือและอุปกรณ์อิเล็กทรอนิกส์",
        "Audio",
        "เครื่องเสียง",
        "headphones, chargers and smart lamps",
        "หูฟัง ที่ชาร์จ และโคมไฟอัจฉริยะ",
        ("3F", "Fl. 3", "3"),
    ),
    Profile(
        8,
        "Grocery, Lifestyle &amp; Department Store",
        "ซูเปอร์มาร์เก็ตและไลฟ์สไตล์",
        "Homeware",
        "ของใช้ในบ้าน",
        "tableware, linen and pantry goods",
        "เครื่องใช้บนโต๊ะอาหาร ผ้าลินิน และของแห้ง",
        ("5F", "Fl. 5", "B1", "5"),
    ),
    Profile(
        5,
        "Services",
        "บริการ",
        "Tailor",
        "ตัดเย็บ",
        "repairs, keys and alterations while you wait",
        "งานซ่อม ทำกุญแจ และแก้ทรงเสื้อผ้าแบบรอรับ",
        ("B1", "Fl. B1", "B2"),
    ),
    Profile(
        3,
        "Leisure and Entertainment",
        "สันทนาการและความบันเทิง",
        "Games",
        "เกม",
        "board games and private screening rooms",
        "บอร์ดเกมและห้องชมภาพยนตร์ส่วนตัว",
        ("7F", "8F", "Fl. 7"),
    ),
    Profile(
        3,
        "JEWELRY &amp; WATCH",
        "เครื่องประดับและนาฬิกา",
        "Watches",
        "นาฬิกา",
        "watches and stones set by hand",
        "นาฬิกาและอัญมณีฝังมือ",
        ("M", "MF", "UG"),
    ),
    Profile(
        2,
        "Kids &amp; Toys",
        "เด็กและของเล่น",
        "Toys",
        "ของเล่น",
        "wooden toys and picture books",
        "ของเล่นไม้และหนังสือภาพ",
        ("6F", "Fl. 6"),
    ),
    Profile(
        20,
        "Food &amp; Beverage",
        "อาหารและเครื่องดื่ม",
        "Asian",
        "อาหารเอเชีย",
        "noodles, grills and seasonal salads",
        "ก๋วยเตี๋ยว อาหารย่าง และสลัดตามฤดูกาล",
        ("6F", "Fl. 6", "UG", "6", "sixth floor", "Fl. U"),
    ),
    Profile(
        7,
        "Cafe &amp; Bakery",
        "คาเฟ่และเบเกอรี่",
        "Coffee",
        "กาแฟ",
        "single-origin coffee and morning bakes",
        "กาแฟแหล่งปลูกเดียวและขนมอบยามเช้า",
        ("GF", "G", "Fl. G", "UG"),
    ),
    Profile(
        3,
        "Take Home",
        "ซื้อกลับบ้าน",
        "Sweets",
        "ขนมหวาน",
        "boxed sweets and curries to carry home",
        "ขนมกล่องและแกงซื้อกลับบ้าน",
        ("B1", "Fl. B1", "GF"),
    ),
)
DININGS = ("Food &amp; Beverage", "Cafe &amp; Bakery", "Take Home")
"""Labels above that say dining."""

HOURS: tuple[str, ...] = (
    "10.00 - 22.00",
    "10:00-22:00",
    "10:00 - 22:00",
    "10.00–22.00 น.",
    "Daily 10:00 - 22:00",
    "10.00 - 21.00 น.",
    "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00",
    "11:00 - 21:30",
)
ZONES = ("Riverwalk", "Garden Court", "Lantern Hall", "Sky Terrace", "North Atrium", "South Atrium")

SENTENCES_EN = (
    "The counter opens onto the river and the team is glad to advise.",
    "Members earn points on every visit, and gift wrapping is free.",
    "Each season brings a short collection made with workshops in the North.",
    "Ask for the monthly selection; it is never announced in advance.",
)
SENTENCES_TH = (
    "เคาน์เตอร์หันหน้าสู่แม่น้ำ พร้อมทีมงานให้คำแนะนำ",
    "สมาชิกสะสมคะแนนได้ทุกครั้ง และห่อของขวัญฟรี",
    "ทุกฤดูกาลมีคอลเลกชันเล็ก ๆ ที่ทำร่วมกับช่างฝีมือทางเหนือ",
    "สอบถามรายการประจำเดือนได้ที่ร้าน",
)
