from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import Limits
from engine.errors import SourceColumns
from engine.ingest.currencies import DECIMALS
from engine.ingest.gtin import check_digit, read_gtin
from engine.ingest.prices import Price, Refusal, decimal_mark, read_price
from engine.ingest.products import SourceProducts, read_products
from engine.ingest.stock_table import SourceStock, read_quantity, read_stock
from engine.ingest.tables import read_table
from tests.source_fixtures import write_xlsx


def products(folder: Path, text: str, limits: Limits = Limits()) -> SourceProducts:
    (folder / "products.csv").write_text(text, encoding="utf-8")
    return read_products(read_table(folder / "products.csv"), limits)


def codes(found: SourceProducts | SourceStock) -> list[tuple[int | None, str, str]]:
    return [(entry.line, entry.sku, entry.code) for entry in found.rejected]


class TestPrices:
    @pytest.mark.parametrize(
        ("text", "currency", "mark", "minor", "found"),
        [
            ("1.99", "EUR", None, 199, "EUR"),
            ("1,99", "eur", None, 199, "EUR"),
            ("5", "EUR", None, 500, "EUR"),
            (".99", "EUR", None, 99, "EUR"),
            ("1.234", "EUR", ",", 123400, "EUR"),
            ("1,234", "USD", ".", 123400, "USD"),
            ("1.234,50", "EUR", None, 123450, "EUR"),
            ("1,234,567", "USD", None, 123456700, "USD"),
            ("1 234,50 zł", "", None, 123450, "PLN"),
            ("1\u202f234,50 €", "", None, 123450, "EUR"),
            ("1'234.50", "CHF", None, 123450, "CHF"),
            ("12,34,567.50", "INR", None, 123456750, "INR"),
            ("12,-", "CHF", None, 1200, "CHF"),
            ("$4.99", "", None, 499, "USD"),
            ("$4.99", "CAD", None, 499, "CAD"),
            ("USD 4.99", "", None, 499, "USD"),
            ("4.99", "€", None, 499, "EUR"),
            ("1980", "JPY", None, 1980, "JPY"),
            ("1,980", "JPY", None, 1980, "JPY"),
            ("0.250", "KWD", None, 250, "KWD"),
            ("1.250", "KWD", ".", 1250, "KWD"),
            ("1.2345", "CLF", None, 12345, "CLF"),
            ("１２．５", "EUR", None, 1250, "EUR"),
            ("3.50", "", None, 350, ""),
            ("0", "EUR", None, 0, "EUR"),
        ],
    )
    def test_read(self, text: str, currency: str, mark: str | None, minor: int, found: str) -> None:
        assert read_price(text, currency, mark) == Price(minor, found)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("text", "currency", "mark", "code"),
        [
            ("1.234", "EUR", None, "price_ambiguous"),
            ("1,234", "", None, "price_ambiguous"),
            ("1.250", "KWD", None, "price_ambiguous"),
            ("-5", "EUR", None, "price_negative"),
            ("−5", "EUR", None, "price_negative"),
            ("5-", "EUR", None, "price_negative"),
            ("(5.00)", "EUR", None, "price_negative"),
            ("free", "EUR", None, "price_unreadable"),
            ("1,2,3", "EUR", None, "price_unreadable"),
            ("1.2.3", "EUR", None, "price_unreadable"),
            ("1.2345,67", "EUR", None, "price_unreadable"),
            ("1,234.5,6", "EUR", None, "price_unreadable"),
            ("2 for 5.00", "EUR", None, "price_unreadable"),
            ("1.99/kg", "EUR", None, "price_unreadable"),
            ("12345678901234567", "EUR", None, "price_unreadable"),
            ("999999999999999", "EUR", None, "price_unreadable"),
            ("x" * 100, "EUR", None, "price_unreadable"),
            ("0.999", "EUR", None, "price_decimals"),
            ("1.5", "JPY", None, "price_decimals"),
            ("5 EUR", "USD", None, "currency_conflict"),
            ("5", "EURO", None, "currency_unknown"),
            ("5", "$", None, "currency_unknown"),
            ("¥100", "", None, "currency_ambiguous"),
        ],
    )
    def test_refused(self, text: str, currency: str, mark: str | None, code: str) -> None:
        refused = read_price(text, currency, mark)  # type: ignore[arg-type]
        assert isinstance(refused, Refusal) and refused.code == code
        assert len(refused.reason) < 200

    @pytest.mark.parametrize(
        ("text", "minor"), [("1.234", 123), ("1.005", 101), ("2.3681", 237), ("1.9900000000000002", 199), ("1e-05", 0)]
    )
    def test_a_number_cell_is_rounded_as_the_spreadsheet_shows_it(self, text: str, minor: int) -> None:
        assert read_price(text, "EUR", ",", is_number=True) == Price(minor, "EUR")

    @pytest.mark.parametrize(
        ("text", "code"), [("-3.5", "price_negative"), ("1e+99", "price_unreadable"), ("nan", "price_unreadable")]
    )
    def test_a_number_cell_that_is_no_price(self, text: str, code: str) -> None:
        refused = read_price(text, "EUR", None, is_number=True)
        assert isinstance(refused, Refusal) and refused.code == code

    def test_the_mark_of_a_column_is_that_of_its_clear_cells(self) -> None:
        assert decimal_mark(["1.234", "12,50", ""]) == ","
        assert decimal_mark(["1,234", "€ 0.50"]) == "."
        assert decimal_mark(["1.234.567"]) == ","
        assert decimal_mark(["1.234", "5"]) is None
        assert decimal_mark(["12,50", "12.50"]) is None

    def test_every_currency_is_three_letters_and_known_exponents_are_right(self) -> None:
        assert all(len(code) == 3 and code.isupper() for code in DECIMALS)
        assert (DECIMALS["JPY"], DECIMALS["KWD"], DECIMALS["EUR"], DECIMALS["CLF"], DECIMALS["CNY"]) == (0, 3, 2, 4, 2)

    @settings(deadline=None)
    @given(minor=st.integers(0, 10**12), code=st.sampled_from(["EUR", "JPY", "KWD"]), comma=st.booleans())
    def test_a_written_price_is_read_back(self, minor: int, code: str, comma: bool) -> None:
        decimals = DECIMALS[code]
        text = f"{Decimal(minor).scaleb(-decimals):,.{decimals}f}"
        if comma:
            text = text.translate({ord(","): ".", ord("."): ","})
        mark = "," if comma else "."
        assert read_price(text, code, mark) == Price(minor, code)  # type: ignore[arg-type]


class TestGtin:
    @pytest.mark.parametrize("text", ["4006381333931", "96385074", "036000291452", "10614141543219", "4006381-333931"])
    def test_valid(self, text: str) -> None:
        assert read_gtin(text) == text.replace("-", "")

    @pytest.mark.parametrize(
        "text", ["4006381333932", "123", "ABC", "", "0000000000000", "12345678901234567", "４００６"]
    )
    def test_not_valid(self, text: str) -> None:
        assert read_gtin(text) is None

    def test_leading_zeros_that_a_spreadsheet_dropped_come_back(self) -> None:
        assert read_gtin("36000291452", is_number=True) == "036000291452"
        assert read_gtin("36000291452") is None

    @given(st.text("0123456789", min_size=12, max_size=12).filter(lambda body: body.strip("0")), st.integers(1, 9))
    def test_one_wrong_digit_is_always_found(self, body: str, step: int) -> None:
        whole = body + str(check_digit(body))
        assert read_gtin(whole) == whole
        wrong = str((int(whole[5]) + step) % 10)
        assert read_gtin(whole[:5] + wrong + whole[6:]) is None


class TestProducts:
    def test_only_a_sku_is_required(self, tmp_path: Path) -> None:
        found = products(tmp_path, "sku\nA1\n")
        product = found.products[0].product
        assert (product.sku, product.name, product.price_minor, product.currency) == ("A1", "A1", None, "")
        assert found.rejected == ()

    def test_all_columns(self, tmp_path: Path) -> None:
        found = products(
            tmp_path,
            "sku,name,brand,category,price,currency,gtin,aisle,description,attr:Size,name:zh-CN,description:de,images\n"
            'A1," Milk\n 1 l ",Farm,Dairy,1.99,EUR,4006381333931,7,"line 1\r\nb\x07",1 l,牛奶,Frisch,a.jpg; b.jpg;\n',
        )
        item = found.products[0]
        product = item.product
        assert (product.name, product.brand, product.category, product.aisle) == ("Milk 1 l", "Farm", "Dairy", "7")
        assert (product.price_minor, product.currency, product.gtin) == (199, "EUR", "4006381333931")
        assert product.description == "line 1\nb"
        assert (dict(product.attributes), dict(product.names)) == ({"Size": "1 l"}, {"zh_CN": "牛奶"})
        assert dict(product.descriptions) == {"de": "Frisch"}
        assert (item.line, item.images) == (2, ("a.jpg", "b.jpg"))

    def test_without_a_column_sku_there_is_no_catalog(self, tmp_path: Path) -> None:
        with pytest.raises(SourceColumns):
            products(tmp_path, "name\nMilk\n")

    def test_the_first_of_two_rows_with_one_sku_is_kept_and_both_lines_are_named(self, tmp_path: Path) -> None:
        found = products(tmp_path, "sku,name\nA1,first\nA2,x\n A1 ,second\nCaf\u00e9,1\nCafe\u0301,2\n")
        assert [item.product.name for item in found.products] == ["first", "x", "1"]
        assert codes(found) == [(4, "A1", "sku_duplicate"), (6, "Café", "sku_duplicate")]
        assert "line 2" in found.rejected[0].reason
        assert found.refused_skus == frozenset()

    @pytest.mark.parametrize(
        ("sku", "code"),
        [
            ("", "sku_missing"),
            ("a/b", "sku_characters"),
            ("a\\b", "sku_characters"),
            ("..", "sku_characters"),
            (".", "sku_characters"),
            ("a\tb", "sku_characters"),
            ("a\u202eb", "sku_characters"),
            ("a\x00b", "sku_characters"),
            ("x" * 129, "sku_too_long"),
        ],
    )
    def test_skus_that_are_refused(self, tmp_path: Path, sku: str, code: str) -> None:
        found = products(tmp_path, f'sku,name\n"{sku}",bad\nA2,good\n')
        assert [item.product.sku for item in found.products] == ["A2"]
        assert [(entry.line, entry.code) for entry in found.rejected] == [(2, code)]

    def test_a_name_of_ten_thousand_characters_is_refused(self, tmp_path: Path) -> None:
        long = "n" * 10_000
        found = products(tmp_path, f"sku,name,name:de,brand\nA1,{long},,\nA2,,{long},\nA3,,,{long}\nA4,ok,,\n")
        assert [item.product.sku for item in found.products] == ["A4"]
        assert codes(found) == [(2, "A1", "name_too_long"), (3, "A2", "name_too_long"), (4, "A3", "text_too_long")]
        assert found.refused_skus == {"A1", "A2", "A3"}

    def test_formula_like_cells_stay_text(self, tmp_path: Path) -> None:
        found = products(tmp_path, 'sku,name\n=1+1,"=HYPERLINK(""http://x"")"\n-7,@SUM(A1)\n')
        assert [(item.product.sku, item.product.name) for item in found.products] == [
            ("=1+1", '=HYPERLINK("http://x")'),
            ("-7", "@SUM(A1)"),
        ]

    def test_a_wrong_gtin_is_dropped_and_its_product_kept(self, tmp_path: Path) -> None:
        found = products(tmp_path, "sku,gtin\nA1,4006381333932\n")
        assert found.products[0].product.gtin == ""
        assert codes(found) == [(2, "A1", "gtin")]

    def test_prices_of_a_column_are_read_alike(self, tmp_path: Path) -> None:
        found = products(tmp_path, "sku;price;currency\nA1;1.234;EUR\nA2;0,50;EUR\nA3;-1,00;EUR\n")
        assert [(item.product.sku, item.product.price_minor) for item in found.products] == [("A1", 123400), ("A2", 50)]
        assert codes(found) == [(4, "A3", "price_negative")]

    def test_an_ambiguous_price_is_refused(self, tmp_path: Path) -> None:
        found = products(tmp_path, "sku,price\nA1,1.234\nA2,5\n")
        assert [item.product.sku for item in found.products] == ["A2"]
        assert codes(found) == [(2, "A1", "price_ambiguous")]

    def test_numbers_of_a_spreadsheet(self, tmp_path: Path) -> None:
        path = write_xlsx(
            tmp_path / "products.xlsx",
            [["sku", "price", "gtin"], [12345.0, 1.234, 36000291452], ["00123", "2,50", None]],
        )
        found = read_products(read_table(path))
        assert [(item.product.sku, item.product.price_minor, item.product.gtin) for item in found.products] == [
            ("12345", 123, "036000291452"),
            ("00123", 250, ""),
        ]

    def test_a_column_that_is_not_used_is_named(self, tmp_path: Path) -> None:
        found = products(tmp_path, "sku,colour,attr:\nA1,red,x\n")
        assert codes(found) == [(None, "", "column_unknown")]
        assert "attr:colour" in found.rejected[0].reason
        assert dict(found.products[0].product.attributes) == {}


class TestStock:
    def stock(self, folder: Path, text: str) -> SourceStock:
        (folder / "stock.csv").write_text(text, encoding="utf-8")
        return read_stock(read_table(folder / "stock.csv"), {"A1", "A2"})

    def test_levels(self, tmp_path: Path) -> None:
        found = self.stock(
            tmp_path,
            "sku,location,quantity,updated_at\nA1,North,5,2026-01-31T08:30:00+02:00\nA1,South,0,\nA2,,7,2026-01-31\n",
        )
        assert [(sku, level.location, level.quantity, level.updated_at) for sku, level in found.levels] == [
            ("A1", "North", 5, datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
            ("A1", "South", 0, None),
            ("A2", "", 7, datetime(2026, 1, 31, tzinfo=UTC)),
        ]
        assert codes(found) == [(4, "", "time_zone")]

    def test_refused(self, tmp_path: Path) -> None:
        found = self.stock(
            tmp_path,
            "sku,location,quantity,updated_at\nA1,N,-1,\nA1,N,1.5,\nZZ,N,1,\n,N,1,\nA1,N,1,yesterday\nA1,N,1,\nA1,N,2,\n"
            f"A2,{'x' * 600},1,\nA2,N,1,0001-01-01T00:00:00+14:00\n",
        )
        assert [(sku, level.quantity) for sku, level in found.levels] == [("A1", 1)]
        assert codes(found) == [
            (2, "A1", "quantity_negative"),
            (3, "A1", "quantity_unreadable"),
            (4, "ZZ", "sku_unknown"),
            (5, "", "sku_missing"),
            (6, "A1", "time_unreadable"),
            (8, "A1", "stock_duplicate"),
            (9, "A2", "text_too_long"),
            (10, "A2", "time_unreadable"),
        ]
        assert "line 7" in found.rejected[5].reason

    def test_a_table_without_quantities_is_refused_as_a_whole(self, tmp_path: Path) -> None:
        found = self.stock(tmp_path, "sku,count\nA1,5\n")
        assert not found.usable
        assert codes(found) == [(1, "", "source_columns")]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("5", 5), (" 0 ", 0), ("+3", 3), ("", None), ("1e3", None), ("9" * 15, None), ("−2", None), ("٣", None)],
    )
    def test_quantities(self, text: str, expected: int | None) -> None:
        found = read_quantity(text)
        assert (found if expected is not None else isinstance(found, Refusal)) == (
            expected if expected is not None else True
        )
