"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(constraint_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can drop it; unique and check ones are named by hand."""

PLACES = 4  # decimal places an exact number keeps


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware moment; comes back in UTC. In a migration: `sa.DateTime(timezone=True)`."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; moments are aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(sa.types.TypeDecorator[Decimal]):
    """A decimal number that is never rounded: up to 14 digits, 4 of them behind the point.

    SQLite has no decimals, so there it is kept as whole ten-thousandths. In a migration:
    `sa.Numeric(14, 4)`.

    Raises:
        ValueError: on writing, more than 4 places (`sqlalchemy.exc.StatementError` around it).
    """

    impl = sa.Numeric(14, PLACES)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else self.impl_instance)

    def process_bind_param(self, value: Decimal | int | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(PLACES)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {PLACES} decimal places")
        return int(scaled) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        if value is None:
            return None
        exact = Decimal(value).scaleb(-PLACES) if dialect.name == "sqlite" else Decimal(value)
        # 89.5000 reads 89.5, and 100 does not read 1E+2
        return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()


Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Lists and dictionaries. Assign a new value to change one; changes inside it go unnoticed."""

TYPES: dict[Any, Any] = {
    UUID: sa.Uuid(),
    datetime: Moment(),
    date: sa.Date(),
    Decimal: Exact(),
    bytes: sa.LargeBinary(),
    dict: Json,
    list: Json,
    dict[str, Any]: Json,
    dict[str, str]: Json,
    dict[str, int]: Json,
    list[Any]: Json,
    list[str]: Json,
    list[int]: Json,
    list[dict[str, Any]]: Json,
}
"""Which column a `Mapped[...]` becomes."""
