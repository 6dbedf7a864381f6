from __future__ import annotations

import errno
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config import Limits
from engine.errors import SourceColumns, SourceMissing, SourceTooLarge, SourceUnreadable
from engine.ingest.encodings import decode_text
from engine.ingest.tables import Table, column_key, find_table, language_key, read_table
from tests.source_fixtures import rewrite_part, write_csv, write_xlsx


def table(folder: Path, text: str | bytes, name: str = "products.csv", limits: Limits = Limits()) -> Table:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(path, limits)


def cells(read: Table) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read.rows]


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_delimiters_are_detected(self, tmp_path: Path, delimiter: str) -> None:
        read = table(tmp_path, delimiter.join(["sku", "name"]) + "\n" + delimiter.join(["A1", "Milk"]) + "\n")
        assert cells(read) == [{"sku": "A1", "name": "Milk"}]

    def test_a_delimiter_inside_quotes_is_text(self, tmp_path: Path) -> None:
        read = table(tmp_path, 'sku;"name, short"\nA1;"a;b, c, d"\n')
        assert cells(read) == [{"sku": "A1", "name, short": "a;b, c, d"}]

    def test_the_line_that_excel_writes_before_the_header_decides(self, tmp_path: Path) -> None:
        read = table(tmp_path, "sep=;\r\nsku;a,b,c\r\nA1;x\r\n")
        assert cells(read) == [{"sku": "A1", "a,b,c": "x"}]
        assert read.rows[0].line == 3

    def test_line_numbers_count_lines_inside_quotes(self, tmp_path: Path) -> None:
        read = table(tmp_path, '\nsku,description\r\nA1,"one\r\ntwo\r\nthree"\r\n\r\nA2,x\rA3,y')
        assert [(row.line, row.get("sku")) for row in read.rows] == [(3, "A1"), (7, "A2"), (8, "A3")]
        assert read.rows[0].get("description") == "one\r\ntwo\r\nthree"

    def test_header_names_are_trimmed_and_of_any_case(self, tmp_path: Path) -> None:
        read = table(tmp_path, "\ufeff SKU , Name:ZH-cn,ATTR: Size \nA1,牛奶,L\n")
        assert cells(read) == [{"sku": "A1", "name:zh_CN": "牛奶", "attr:Size": "L"}]

    def test_an_unclosed_quotation_mark_costs_one_row(self, tmp_path: Path) -> None:
        rows = "".join(f"B{number},bread\n" for number in range(20_000))
        read = table(tmp_path, f'sku,name\nA1,"milk\n{rows}')
        assert len(read.rows) == 20_000
        assert [(entry.line, entry.code) for entry in read.rejected] == [(2, "bad_quotes")]

    def test_a_quotation_mark_inside_a_cell_is_text(self, tmp_path: Path) -> None:
        assert cells(table(tmp_path, 'sku,name\nA1,Pipe 5" long\n')) == [{"sku": "A1", "name": 'Pipe 5" long'}]

    def test_more_cells_than_columns_are_refused_not_shifted(self, tmp_path: Path) -> None:
        read = table(tmp_path, "sku,price,name\nA1,1,99,Milk\nA2,2,Bread,,\n")
        assert cells(read) == [{"sku": "A2", "price": "2", "name": "Bread"}]
        assert [(entry.line, entry.sku, entry.code) for entry in read.rejected] == [(2, "A1", "too_many_cells")]

    def test_a_column_that_comes_twice_is_named(self, tmp_path: Path) -> None:
        read = table(tmp_path, "sku,name,Name\nA1,Milk,Other\n")
        assert cells(read) == [{"sku": "A1", "name": "Milk"}]
        assert [(entry.line, entry.code) for entry in read.rejected] == [(1, "column_twice")]

    def test_a_huge_cell_is_refused(self, tmp_path: Path) -> None:
        read = table(tmp_path, f"sku,name\nA1,{'x' * 40_000}\nA2,{'y' * 200_000}\nA3,ok\n")
        assert [row.get("sku") for row in read.rows] == ["A3"]
        assert [(entry.line, entry.code) for entry in read.rejected] == [(2, "cell_too_long"), (3, "bad_quotes")]

    @pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b",,\n"])
    def test_an_empty_file_cannot_be_read(self, tmp_path: Path, data: bytes) -> None:
        with pytest.raises(SourceUnreadable, match="empty"):
            table(tmp_path, data)

    def test_a_thousand_columns_are_no_table_of_products(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnreadable, match="columns"):
            table(tmp_path, ",".join(f"c{number}" for number in range(1001)))

    def test_a_file_over_the_limit_is_not_read(self, tmp_path: Path) -> None:
        with pytest.raises(SourceTooLarge):
            table(tmp_path, "sku\n" + "A\n" * 600, limits=Limits(table_file_bytes=1000))

    def test_a_missing_column_is_named_with_those_that_are_there(self, tmp_path: Path) -> None:
        with pytest.raises(SourceColumns, match="no column sku; it has: article, name"):
            table(tmp_path, "article,name\n1,Milk\n").require("sku")


_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), min_size=0, max_size=20
).filter(lambda text: not text or text.strip() != "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_wrote_is_what_is_read(
    tmp_path: Path, rows: list[tuple[str, str]], delimiter: str, encoding: str
) -> None:
    written = [{"sku": f"S{number}", "name": name, "note": note} for number, (name, note) in enumerate(rows)]
    read = read_table(write_csv(tmp_path / "products.csv", written, encoding, delimiter))
    assert read.rejected == ()
    assert cells(read) == [{key: text for key, text in row.items() if text} for row in written]


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("utf-8", "sku,name\nA1,牛奶 für Zoë\n"),
            ("utf-8-sig", "sku,name\nA1,Käse\n"),
            ("utf-16", "sku;name\nA1;Käse\n"),
            ("utf-16-le", "sku;name\nA1;Kase or cheese\n"),
            ("utf-16-be", "sku;name\nA1;Kase or cheese\n"),
            ("cp1252", "sku;name\nA1;Müller Käse\nA2;Crème brûlée 1,99 €\nA3;Jalapeño\n"),
            ("cp1252", "sku,name\nA1,Café\n"),
            ("cp1250", "sku;name\nA1;Żółty ser\nA2;Mleko świeże łaciate\nA3;Pączki\n"),
            ("cp1250", "sku;name\nA1;Příliš žluťoučký kůň\nA2;Šunka\n"),
            ("cp1251", "sku;name\nA1;Молоко\nA2;Хлеб ржаной\n"),
            ("cp1253", "sku;name\nA1;Γάλα φρέσκο\nA2;Ψωμί\n"),
            ("cp1254", "sku;name\nA1;Şeker\nA2;Süt ürünleri\nA3;İçecek ığdır\n"),
            ("gb18030", "sku,name\nA1,牛奶\nA2,苹果汁\n"),
            ("gb18030", "sku,name,brand\nA1,农夫山泉矿泉水550毫升，2瓶,农夫山泉\n"),
            ("cp950", "sku,name\nA1,牛奶\nA2,蘋果汁\n"),
            ("cp932", "sku,name\nA1,牛乳\nA2,りんごジュース\n"),
            ("cp932", "sku,name\nA1,ポテトチップス うすしお味\nA2,緑茶\nA3,ﾎﾟﾃﾄ\n"),
            ("cp949", "sku,name\nA1,우유\nA2,사과 주스\n"),
        ],
    )
    def test_the_usual_spreadsheet_encodings_are_detected(self, encoding: str, text: str) -> None:
        assert decode_text(text.encode(encoding), "products.csv")[0] == text

    def test_a_long_file_is_judged_by_a_sample(self) -> None:
        text = "sku,name\n" + "".join(f"A{number},Grüner Käse für Zoë\n" for number in range(5_000))
        assert decode_text(text.encode("cp1252"), "products.csv") == (text, "cp1252")

    def test_one_damaged_byte_in_utf8_costs_one_row(self, tmp_path: Path) -> None:
        rows = "".join(f"A{number},Grüner Käse\n" for number in range(30)).encode()
        read = table(tmp_path, b"sku,name\n" + rows + b"B1,K\xc3se\n")
        assert len(read.rows) == 30
        assert [(entry.line, entry.sku, entry.code) for entry in read.rejected] == [(32, "B1", "bad_text")]

    def test_bytes_that_are_no_text(self) -> None:
        with pytest.raises(SourceUnreadable):
            decode_text(b"\xff\xfe\x00\xd8" + b"\x00", "products.csv")


class TestXlsx:
    def test_numbers_times_and_blanks(self, tmp_path: Path) -> None:
        path = write_xlsx(
            tmp_path / "products.xlsx",
            [
                [None, None],
                ["SKU", "Name", "price", "gtin", "attr:new", "attr:since", None],
                ["00123", "Milk", 1.99, 4006381333931, True, datetime(2026, 1, 31, 8, 30), "beyond"],
                [12345.0, "  ", 2, None, False, None],
                [None, None],
            ],
        )
        read = read_table(path)
        assert read.columns == ("sku", "name", "price", "gtin", "attr:new", "attr:since")
        assert [row.line for row in read.rows] == [3, 4]
        assert cells(read) == [
            {
                "sku": "00123",
                "name": "Milk",
                "price": "1.99",
                "gtin": "4006381333931",
                "attr:new": "true",
                "attr:since": "2026-01-31T08:30:00",
            },
            {"sku": "12345", "price": "2", "attr:new": "false"},
        ]
        assert read.rows[0].numbers == {"price", "gtin"}

    def test_the_sheet_named_like_the_file_is_read(self, tmp_path: Path) -> None:
        import openpyxl

        book = openpyxl.Workbook()
        book.active.append(["notes"])
        book.create_sheet("Products").append(["sku"])
        book["Products"].append(["A1"])
        book.save(tmp_path / "products.xlsx")
        assert cells(read_table(tmp_path / "products.xlsx")) == [{"sku": "A1"}]

    def test_a_wrong_dimension_hides_no_row(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "products.xlsx", [["sku", "name"], ["A1", "Milk"], ["A2", "Bread"]])
        rewrite_part(path, "xl/worksheets/sheet1.xml", b'ref="A1:B3"', b'ref="A1"')
        assert [row.get("name") for row in read_table(path).rows] == ["Milk", "Bread"]

    def test_unpacked_bytes_are_capped_by_the_directory(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "products.xlsx", [["sku"], ["A" * 30_000]])
        with pytest.raises(SourceTooLarge):
            read_table(path, Limits(xlsx_unpacked_bytes=20_000))

    def test_a_lying_directory_does_not_help(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "products.xlsx", [["sku"], *([f"A{number}"] for number in range(5_000))])
        data = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        for place in range(len(data) - 4):
            if data[place : place + 4] == size.to_bytes(4, "little"):
                data[place : place + 4] = (500).to_bytes(4, "little")
        path.write_bytes(data)
        with pytest.raises(SourceUnreadable):
            read_table(path)

    @pytest.mark.parametrize("data", [b"", b"sku,name\n", b"PK\x03\x04 cut short"])
    def test_what_is_no_xlsx_file(self, tmp_path: Path, data: bytes) -> None:
        with pytest.raises(SourceUnreadable):
            table(tmp_path, data, "products.xlsx")

    def test_a_zip_that_is_no_workbook(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "products.xlsx", "w") as archive:
            archive.writestr("readme.txt", "hello")
        with pytest.raises(SourceUnreadable, match="XLSX"):
            read_table(tmp_path / "products.xlsx")

    def test_a_damaged_part_is_found(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "products.xlsx", [["sku"], *([f"A{number}"] for number in range(500))])
        with zipfile.ZipFile(path) as archive:
            part = archive.getinfo("xl/worksheets/sheet1.xml")
        data = bytearray(path.read_bytes())
        for place in range(part.header_offset + 60, part.header_offset + 120):
            data[place] ^= 0x5A
        path.write_bytes(data)
        with pytest.raises(SourceUnreadable):
            read_table(path)

    def test_broken_xml_inside_is_found(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "products.xlsx", [["sku"], ["A1"]])
        rewrite_part(path, "xl/worksheets/sheet1.xml", b"</row>", b"</rov>")
        with pytest.raises(SourceUnreadable):
            read_table(path)

    def test_an_empty_sheet(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnreadable, match="empty"):
            read_table(write_xlsx(tmp_path / "products.xlsx", []))

    def test_a_row_far_below_costs_no_minutes(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "products.xlsx", [["sku"], ["A1"]])
        rewrite_part(path, "xl/worksheets/sheet1.xml", b'<row r="2"', b'<row r="999999999"')
        assert read_table(path).rows == ()

    def test_a_cell_over_the_limit_costs_its_row(self, tmp_path: Path) -> None:
        read = read_table(
            write_xlsx(tmp_path / "products.xlsx", [["sku", "name"], ["A1", "x" * 101], ["A2", "ok"]]),
            Limits(table_cell_chars=100),
        )
        assert cells(read) == [{"sku": "A2", "name": "ok"}]
        assert [(entry.line, entry.sku, entry.code) for entry in read.rejected] == [(2, "A1", "cell_too_long")]


class TestJsonLines:
    def test_fields_become_columns(self, tmp_path: Path) -> None:
        row = {
            "SKU": 123,
            "name": {"en": "Milk", "zh-CN": "牛奶"},
            "attributes": {"Size": "L"},
            "price": 1.5,
            "weight": 2.0,
            "fresh": True,
            "brand": None,
            "images": ["a.jpg", "b.jpg"],
        }
        read = table(tmp_path, "\n" + json.dumps(row) + "\n", "products.jsonl")
        assert cells(read) == [
            {
                "sku": "123",
                "name:en": "Milk",
                "name:zh_CN": "牛奶",
                "attr:Size": "L",
                "price": "1.5",
                "weight": "2",
                "fresh": "true",
                "images": "a.jpg;b.jpg",
            }
        ]
        assert read.rows[0].line == 2
        assert read.rows[0].numbers == {"sku", "price", "weight"}

    def test_bad_lines_cost_only_themselves(self, tmp_path: Path) -> None:
        lines = [
            '{"sku": "A1"}',
            '{"sku": "A2"',
            "[1]",
            '{"sku": "A3", "price": NaN}',
            '{"sku": "A4", "name": ["x"]}',
            "[" * 200_000,
            '{"sku": "A\\ud800"}',
            '{"sku": "A5", "n": ' + "9" * 5000 + "}",
            '{"sku": "A6"}',
        ]
        read = table(tmp_path, "\n".join(lines), "products.jsonl")
        assert [row.get("sku") for row in read.rows] == ["A1", "A6"]
        assert [(entry.line, entry.code) for entry in read.rejected] == [
            (2, "bad_json"),
            (3, "bad_json"),
            (4, "bad_json"),
            (5, "bad_json"),
            (6, "bad_json"),
            (7, "bad_text"),
            (8, "bad_json"),
        ]
        for entry in read.rejected:
            (entry.sku + entry.reason).encode()

    @pytest.mark.parametrize("text", ["", "\n\n", "sku,name\nA1,Milk\n"])
    def test_a_file_without_objects(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(SourceUnreadable):
            table(tmp_path, text, "products.jsonl")

    def test_too_many_different_fields(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnreadable, match="fields"):
            table(tmp_path, json.dumps({f"c{number}": "x" for number in range(1001)}), "products.jsonl")


class TestFinding:
    def test_csv_comes_before_xlsx_and_jsonl(self, tmp_path: Path) -> None:
        assert find_table(tmp_path, "products") is None
        for name in ("products.jsonl", "products.xlsx", "products.csv"):
            (tmp_path / name).write_text("sku\n")
            found = find_table(tmp_path, "products")
            assert found is not None and found.name == name

    def test_a_folder_that_cannot_be_asked_is_an_error_of_the_source(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def barred(path: Path) -> bool:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        monkeypatch.setattr(Path, "is_file", barred)
        with pytest.raises(SourceUnreadable, match="Permission denied"):
            find_table(tmp_path, "products")

    def test_a_missing_or_closed_file(self, tmp_path: Path) -> None:
        with pytest.raises(SourceMissing):
            read_table(tmp_path / "products.csv")
        (tmp_path / "folder.csv").mkdir()
        with pytest.raises(SourceUnreadable):
            read_table(tmp_path / "folder.csv")

    def test_keys(self) -> None:
        assert column_key("  Attr:  Net weight ") == "attr:Net weight"
        assert column_key("Name : DE") == "name:de"
        assert column_key("Other:Thing") == "other:thing"
        assert language_key("zh-hans-cn") == "zh_Hans_CN"
        assert language_key("not a language") == "not a language"
