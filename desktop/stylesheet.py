"""The style sheet, with `$names` that `theme.Theme` fills in."""

from __future__ import annotations

from string import Template

TEMPLATE = Template("""
QMainWindow, QDialog { background: $ground; }
QWidget { color: $text; font-size: ${body}px; }
QToolTip { color: $text; background: $surface; border: 1px solid $line; padding: ${space_xs}px; }

QFrame[look="card"] { background: $surface; border-radius: ${card}px; border: 1px solid $line; }
QFrame[look="tile"] { background: $raised; border-radius: ${radius}px; border: none; }
QFrame[look="bar"] { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[look="foot"] { background: $surface; border: none; border-top: 1px solid $line; }
QFrame[look="danger"] { background: $danger_tint; border: 1px solid $danger_tone; border-radius: ${radius}px; }
QFrame[look="danger"] QLabel { color: $danger_tone; }
QFrame[look="note"] { background: $ambiguous_tint; border: none; border-radius: ${radius}px; }
QFrame[look="note"] QLabel { color: $ambiguous_tone; }
QFrame[look="overlay"] { background: $surface; border: 1px solid $line; border-radius: ${card}px; }

QFrame[verdict="match"] { background: $match_tint; border: none; border-radius: ${radius}px; }
QFrame[verdict="match"] QLabel { color: $match_tone; }
QFrame[verdict="ambiguous"] { background: $ambiguous_tint; border: none; border-radius: ${radius}px; }
QFrame[verdict="ambiguous"] QLabel { color: $ambiguous_tone; }
QFrame[verdict="unknown"] { background: $unknown_tint; border: none; border-radius: ${radius}px; }
QFrame[verdict="unknown"] QLabel { color: $unknown_tone; }

QLabel { background: transparent; }
QLabel[role="display"] { font-size: ${display}px; font-weight: 700; }
QLabel[role="headline"] { font-size: ${headline}px; font-weight: 700; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 650; }
QLabel[role="large"] { font-size: ${large}px; font-weight: 500; }
QLabel[role="body"] { font-size: ${body}px; }
QLabel[role="strong"] { font-size: ${body}px; font-weight: 650; }
QLabel[role="small"] { font-size: ${small}px; color: $muted; }
QLabel[role="muted"] { font-size: ${body}px; color: $muted; }
QLabel[role="quiet-large"] { font-size: ${large}px; color: $muted; }
QLabel[role="brand"] { font-size: ${title}px; font-weight: 750; }
QLabel[role="key"] { font-size: ${small}px; font-weight: 650; color: $muted; background: $ground;
  border: 1px solid $line; border-radius: 6px; padding: 1px 7px; }
QLabel[role="difference"] { font-size: ${large}px; font-weight: 650; color: $ambiguous_tone; }

QPushButton, QToolButton { min-height: ${inner}px; padding: 0 ${space_l}px; border-radius: ${radius}px;
  background: $raised; border: 1px solid $line; font-size: ${body}px; font-weight: 550; color: $text; }
QPushButton:hover, QToolButton:hover { border-color: $accent; }
QPushButton:pressed, QToolButton:pressed { background: $accent_tint; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; }
QPushButton:checked, QToolButton:checked { background: $accent_tint; border-color: $accent; color: $text; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $ground; }
QPushButton[look="primary"] { background: $accent_fill; color: $on_accent; border: 1px solid $accent_fill;
  font-size: ${large}px; font-weight: 650; }
QPushButton[look="primary"]:hover { background: $accent_hover; }
QPushButton[look="primary"]:focus { border: 2px solid $text; }
QPushButton[look="primary"]:disabled { background: $raised; color: $muted; border-color: $line; }
QPushButton[look="bare"], QToolButton[look="bare"] { background: transparent; border: 1px solid transparent; }
QPushButton[look="bare"]:hover, QToolButton[look="bare"]:hover { background: $raised; }
QPushButton[look="bare"]:focus, QToolButton[look="bare"]:focus { border: 2px solid $accent; }
QPushButton[look="row"] { min-height: ${row}px; padding: 0; text-align: left; background: $raised;
  border: 1px solid transparent; }
QPushButton[look="row"]:hover { border-color: $accent; }
QPushButton[look="row"]:focus { border: 2px solid $accent; }
QPushButton[look="row"]:checked { border: 2px solid $accent; background: $accent_tint; }
QPushButton[look="photo"] { min-height: 60px; min-width: 60px; padding: 0; background: transparent;
  border: 2px solid transparent; border-radius: 10px; }
QPushButton[look="photo"]:hover, QPushButton[look="photo"]:focus { border-color: $accent; }
QToolButton[look="icon"], QPushButton[look="icon"] { min-width: ${inner}px; padding: 0; background: transparent;
  border: 1px solid transparent; }
QToolButton[look="icon"]:hover, QPushButton[look="icon"]:hover { background: $raised; }
QToolButton[look="icon"]:focus, QPushButton[look="icon"]:focus { border: 2px solid $accent; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }

QLineEdit { min-height: ${inner}px; padding: 0 ${space_m}px; border-radius: ${radius}px;
  background: $raised; border: 1px solid $line; font-size: ${large}px; selection-background-color: $accent_fill;
  selection-color: $on_accent; }
QLineEdit[look="search"] { padding-left: ${touch}px; }
QLineEdit QToolButton { min-height: 0; padding: 0; background: transparent; border: none; }
QLineEdit:focus { border: 2px solid $accent; background: $surface; }
QComboBox { min-height: ${inner}px; padding: 0 ${space_m}px; border-radius: ${radius}px; background: $raised;
  border: 1px solid $line; font-size: ${body}px; }
QComboBox:focus { border: 2px solid $accent; }
QComboBox::drop-down { border: none; width: ${touch}px; }
QComboBox::down-arrow { image: url("$chevron"); width: 20px; height: 20px; }
QAbstractSpinBox { min-height: ${inner}px; border-radius: ${radius}px; background: $raised; border: 1px solid $line; }
QAbstractSpinBox:focus { border: 2px solid $accent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 0; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { min-height: 0; padding: 0; border: none; background: transparent; }
QComboBox QAbstractItemView { background: $surface; color: $text; selection-background-color: $accent_tint;
  selection-color: $text; }
QCheckBox::indicator, QRadioButton::indicator { width: 24px; height: 24px; }
QCheckBox, QRadioButton { min-height: ${touch}px; spacing: ${space_m}px; font-size: ${body}px; }

QMenu { background: $surface; border: 1px solid $line; padding: ${space_s}px; }
QMenu::item { padding: ${space_m}px ${space_xl}px; border-radius: 8px; font-size: ${body}px; min-height: 20px; }
QMenu::item:selected { background: $accent_tint; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: ${space_xs}px ${space_m}px; }

QListView, QTableView, QTreeView, QPlainTextEdit { background: $surface; border: 1px solid $line;
  border-radius: ${radius}px; font-size: ${body}px; alternate-background-color: $raised; gridline-color: $line;
  selection-background-color: $accent_tint; selection-color: $text; }
QListView[look="plain"] { background: transparent; border: none; }
QListView::item { min-height: ${touch}px; border-radius: 8px; padding: 0 ${space_s}px; }
QListView::item:hover { background: $raised; }
QListView::item:selected { background: $accent_tint; color: $text; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: ${space_s}px; font-size: ${small}px; font-weight: 600; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[look="scrolled"] { background: transparent; }
QScrollBar:vertical { width: 12px; background: transparent; margin: 2px; }
QScrollBar:horizontal { height: 12px; background: transparent; margin: 2px; }
QScrollBar::handle { background: $line; border-radius: 4px; min-height: 40px; min-width: 40px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { min-height: 12px; max-height: 12px; border-radius: 6px; background: $raised; border: none; }
QProgressBar::chunk { background: $accent_fill; border-radius: 6px; }
QTabBar::tab { min-height: ${inner}px; padding: 0 ${space_l}px; }
""")
