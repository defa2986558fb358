"""Opening hours: what can be read, what is left in doubt, how it is stored."""

import polars as pl
import pytest

from etl.transform.hours import HOURS, parse_hours, read_hours

TEN_TO_TEN = '[true, "10:00", "22:00", []]'
SPLIT_WEEK = (
    '[false, null, null, [["mon", "10:00", "21:00"], ["tue", "10:00", "21:00"], ["wed", "10:00", "21:00"], '
    '["thu", "10:00", "21:00"], ["fri", "10:00", "21:00"], '
    '["sat", "10:00", "22:00"], ["sun", "10:00", "22:00"]]]'
)
BUT_MONDAY = (
    '[["tue", "10:00", "22:00"], ["wed", "10:00", "22:00"], ["thu", "10:00", "22:00"], '
    '["fri", "10:00", "22:00"], ["sat", "10:00", "22:00"], ["sun", "10:00", "22:00"]]'
)


@pytest.mark.parametrize(
    "text",
    [
        "10.00 - 22.00",
        "10:00-22:00",
        "10:00–22:00",
        "10.00—22.00",
        "10:00 ~ 22:00",
        "10：00～22：00",
        "10.00น.-22.00น.",
        "10.00 - 22.00 น.",
        "๑๐.๐๐ - ๒๒.๐๐ น.",
        "10:00:00 - 22:00:00",
        "1000-2200",
        "10-22",
        "10 - 22 hrs.",
        "10h00-22h00",
        "10h - 22h",
        "10 o'clock - 22 o'clock",
        "10 AM - 10 PM",
        "10am–10pm",
        "10:00 a.m. to 10:00 p.m.",
        "10 - 10 PM",
        "10:00 - 22:00 PM",
        "10 until 22",
        "10.00 ถึง 22.00 นาฬิกา",
        "Daily 10:00 - 22:00",
        "Open Daily: 10.00 – 22.00 hrs.",
        "Everyday 10.00-22.00",
        "Every day, 10.00-22.00",
        "10:00-22:00 (Daily)",
        "10:00-22:00, 7 days a week",
        "Opening hours: 10:00-22:00",
        "ทุกวัน 10.00-22.00 น.",
        "เปิดให้บริการทุกวัน เวลา 10.00 - 22.00 น.",
        "Mon-Sun 10:00-22:00",
        "Monday to Sunday\n10:00-22:00",
        "จันทร์-อาทิตย์ 10.00-22.00",
        "Sun-Sat 10-22",
        "Mon-Fri 10:00-22:00, Sat-Sun 10:00-22:00",
        "weekdays 10-22; weekends 10-22",
        "๑๐:๐๐–๒๒:๐๐",
        "\u200e10:00\u200b - \ufeff22:00\u2069",
        "10:00 ⁓ 22:00",
        "10:00 → 22:00",
        "10∶00 ⸺ 22∶00",
        "เปิดทําการ 10.00-22.00",
        "10:00-22:00 (last order 21:30)",
        "10:00-22:00 (Last Order: 21.30 น.)",
        "10:00-22:00 (last orders at 9.30 pm)",
        "10:00-22:00, last order 21:30",
        "Last order 21.30 น. / 10:00-22:00",
        "10:00-22:00 L.O. 21:30",
        "10:00-22:00 [L/O 21:30]",
        "10:00-22:00 *Last order is at 21:30",
        "10:00-22:00\nLast order time - 21:30 hrs.",
        "10.00-22.00 น. ปิดรับออเดอร์ 21.30 น.",
        "10.00-22.00 (LO 21.30)",
        "10:00-22:00 / last call 2130",
        "10:00-22:00 (kitchen last orders: food 21:00, drinks 21:30)",
        "10:00-22:00, last order 30 mins before closing",
        "10.00-22.00 น. (รับออเดอร์สุดท้าย 21.30 น.)",
        "10.00-22.00 น. ออเดอร์สุดท้าย ๒๑.๓๐ น.",
    ],
)
def test_same_hours_every_day(text: str) -> None:
    """Ten to ten every day, in the many ways it is written."""
    assert read_hours(text) == (TEN_TO_TEN, False)


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("24 hours", "00:00", "23:59"),
        ("24 hrs", "00:00", "23:59"),
        ("Open 24 hrs.", "00:00", "23:59"),
        ("open 24", "00:00", "23:59"),
        ("24-hour", "00:00", "23:59"),
        ("24/7", "00:00", "23:59"),
        ("24 ชั่วโมง", "00:00", "23:59"),
        ("เปิดตลอด 24 ชม.", "00:00", "23:59"),
        ("ทุกวัน ตลอด ๒๔ ชั่วโมง", "00:00", "23:59"),
        ("00:00-24:00", "00:00", "23:59"),
        ("0.00 - 0.00", "00:00", "23:59"),
        ("10:00-24:00", "10:00", "00:00"),
        ("10-24 hours", "10:00", "00:00"),
        ("Open 24:00-06:00", "00:00", "06:00"),
        ("18:00-02:00", "18:00", "02:00"),
        ("18:00-2:00", "18:00", "02:00"),
        ("11:00-02:00", "11:00", "02:00"),
        ("11 PM - 2 AM", "23:00", "02:00"),
        ("10 am - midnight", "10:00", "00:00"),
        ("noon - 9 pm", "12:00", "21:00"),
        ("เที่ยงวัน-เที่ยงคืน", "12:00", "00:00"),
        ("9:00-21:30", "09:00", "21:30"),
        ("7-11", "07:00", "11:00"),
        ("6 AM - 11 AM", "06:00", "11:00"),
        ("06:00-11:00", "06:00", "11:00"),
        ("6:00-09:00", "06:00", "09:00"),
        ("6-22", "06:00", "22:00"),
        ("6 - noon", "06:00", "12:00"),
        ("0600-1100", "06:00", "11:00"),
        ("9 - 5 PM", "09:00", "17:00"),
        ("11:30 - 10 pm", "11:30", "22:00"),
        ("10 - 2 AM", "22:00", "02:00"),
        ("12 AM - 12 PM", "00:00", "12:00"),
        ("12.30 pm - 12.30 am", "12:30", "00:30"),
        ("10 AM - 22:00", "10:00", "22:00"),
    ],
)
def test_times_of_day(text: str, opens: str, closes: str) -> None:
    """24 hours end at 23:59, a closing at 24:00 is 00:00, past midnight is fine, AM and PM are read."""
    assert read_hours(text) == (f'[true, "{opens}", "{closes}", []]', False)


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00",
        "Mon - Fri: 10.00 – 21.00 | Sat - Sun: 10.00 – 22.00",
        "Mon.-Fri. 10.00-21.00 / Sat.-Sun. 10.00-22.00",
        "Monday-Friday 10:00-21:00\nSaturday & Sunday 10:00-22:00",
        "Mo-Fr 10-21; Sa-Su 10-22",
        "weekdays 10-21, weekends 10-22",
        "Weekend 10am-10pm, weekday 10am-9pm",
        "Mon, Tue, Wed, Thur, Fri, 10-21, Sat, Sun, 10-22",
        "10-21 Mon-Fri, 10-22 Sat-Sun",
        "10:00-21:00 (Mon to Fri) 10:00-22:00 (Sat to Sun)",
        "จันทร์-ศุกร์ 10:00-21:00 เสาร์-อาทิตย์ 10:00-22:00",
        "วันจันทร์ถึงวันศุกร์ เวลา 10.00 น. - 21.00 น. วันเสาร์และวันอาทิตย์ เวลา 10.00 - 22.00 น.",
        "จ.-ศ. 10.00-21.00 น., ส.-อา. 10.00-22.00 น.",
        "จ-ศ 10-21 ส-อา 10-22",
        "จ. อ. พ. พฤ. ศ. 10-21 เสาร์อาทิตย์ 10-22",
        "อังคาร พุธ พฤหัสบดี ศุกร์ จันทร์ 10-21 วันหยุดสุดสัปดาห์ 10-22",
        "วันธรรมดา 10-21 สุดสัปดาห์ 10-22",
    ],
)
def test_hours_by_day(text: str) -> None:
    """Days in English and Thai, full and short, in lists and ranges, before or after their hours."""
    assert read_hours(text) == (SPLIT_WEEK, False)


@pytest.mark.parametrize(
    ("text", "per_day"),
    [
        ("Sat-Mon 9-20", '[["mon", "09:00", "20:00"], ["sat", "09:00", "20:00"], ["sun", "09:00", "20:00"]]'),
        ("Fri 10-12", '[["fri", "10:00", "12:00"]]'),
        ("Fri-Fri 10-12", '[["fri", "10:00", "12:00"]]'),
        ("ทุกวันเสาร์ 10-12", '[["sat", "10:00", "12:00"]]'),
        ("every Saturday 10-12", '[["sat", "10:00", "12:00"]]'),
        ("Wed & Mon 18:00-02:00", '[["mon", "18:00", "02:00"], ["wed", "18:00", "02:00"]]'),
        ("10-12, Tue", '[["tue", "10:00", "12:00"]]'),
        ("Thu 24 hours", '[["thu", "00:00", "23:59"]]'),
        ("Tue-Sun 10:00-22:00, closed Mon", BUT_MONDAY),
        ("Mon closed, Tue-Sun 10:00-22:00", BUT_MONDAY),
        ("10-22 Tue-Sun, closed on Mondays", BUT_MONDAY),
        ("Daily 10-22 (closed Monday)", BUT_MONDAY),
        ("10.00-22.00 น. หยุดวันจันทร์", BUT_MONDAY),
        (
            "Mon closed, Tue-Fri 10-12, Sat-Sun off",
            '[["tue", "10:00", "12:00"], ["wed", "10:00", "12:00"], '
            '["thu", "10:00", "12:00"], ["fri", "10:00", "12:00"]]',
        ),
        ("Mon 10-20 Mon 10-20", '[["mon", "10:00", "20:00"]]'),
    ],
)
def test_days_that_have_hours(text: str, per_day: str) -> None:
    """Ranges go across Sunday; days that are closed or not named are not in the list."""
    assert read_hours(text) == (f"[false, null, null, {per_day}]", False)


@pytest.mark.parametrize(
    "text",
    [
        "25:99",
        "10:00-25:00",
        "10:60-22:00",
        "24:01-25:00",
        "call for hours",
        "ติดต่อร้านค้า",
        "10:00",
        "-",
        "N/A",
        "closed",
        "Daily",
        "closed Mon",
        "Mon closed, Mon 10-12",
        "closed, 10-22",
        "9-5",
        "11.00-2.00",
        "10:00-10:00",
        "9 - 10 PM",
        "10 AM - 9",
        "22:00 AM - 23:00",
        "0:00 PM - 1:00 PM",
        "10:00-22:00-23:00",
        "Mon-Fri 10-14, 17-22",
        "11:00-14:00, 17:00-22:00",
        "Mon-Wed-Fri 10-12",
        "10-22, Mon-Fri 11-12",
        "10-20, Sat 10-23, Sun",
        "Mon 10-20, Mon 11-20",
        "Mon-Fri 10-21, Sat-Sun & Holidays 10-22",
        "6-11",
        "2.00-9.00",
        "6.30 - 11.30 น.",
        "1-12",
        "6 - midnight",
        "Mon-Fri 10-20, Sat-Sun 6-11",
        "last order 21:30",
        "10:00-22:00, last order",
        "10:00-22:00, last order 21:00-21:30",
        "10:00-22:00 [Floor 3]",
        "weekdays-Sun 10-12",
        "10:000-22:00",
        "110-22",
        "10 22",
        "10-22 " * 300,
    ],
)
def test_text_that_leaves_a_doubt_is_kept(text: str) -> None:
    """What is not understood beyond doubt, or is not a time of day, is kept as it is and marked."""
    assert read_hours(text) == (f'[true, "{text.strip()}", null, []]', True)


def test_the_longest_text_that_is_read() -> None:
    """A text of 1,000 characters is read, one of 1,001 is kept as it is."""
    assert read_hours("10:00-22:00".ljust(1_000)) == (TEN_TO_TEN, False)
    assert read_hours("10:00-22:00".ljust(1_001)) == ('[true, "10:00-22:00", null, []]', True)


def test_unreadable_lines_become_one() -> None:
    """Text that can't be read is kept as a single line."""
    assert read_hours("ask\n\n  the shop") == ('[true, "ask the shop", null, []]', True)


def test_rows_stay_in_order() -> None:
    """Rows are 1:1 in order, doubled texts included; where the text is null all is null."""
    hours = parse_hours(pl.Series(["10-22", None, "?", "10-22"]))
    assert hours.schema == HOURS
    assert hours.rows() == [
        (TEN_TO_TEN, False),
        (None, None),
        ('[true, "?", null, []]', True),
        (TEN_TO_TEN, False),
    ]


def test_no_rows() -> None:
    """No texts give an empty frame of the same schema."""
    hours = parse_hours(pl.Series([], dtype=pl.String))
    assert (hours.height, hours.schema) == (0, HOURS)
