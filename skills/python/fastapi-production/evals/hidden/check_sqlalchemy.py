"""Checks of the tasks about SQLAlchemy 2.1: each runs with warnings as errors."""

import sys
import warnings

warnings.simplefilter("error")

from sqlalchemy import create_engine, inspect, text  # noqa: E402
from sqlalchemy.dialects import postgresql, sqlite  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402


def orders() -> None:
    import orders as module

    engine = create_engine("sqlite://")
    module.Base.metadata.create_all(engine)
    with Session(engine) as session:
        ada = module.Customer(id=1, name="Ada", status="active", city="Bern")
        bob = module.Customer(id=2, name="Bob", status="open", city="Bern")
        session.add_all([ada, bob])
        session.add_all(
            [
                module.Order(id=1, customer_id=1, status="open", total=5),
                module.Order(id=2, customer_id=1, status="paid", total=7),
                module.Order(id=3, customer_id=2, status="open", total=9),
            ]
        )
        session.commit()
        assert [order.id for order in module.orders_of_customers(session, "active")] == [1, 2]
        assert [order.id for order in module.orders_of_customers(session, "open")] == [3]
        assert [order.id for order in module.orders_in_city(session, "Bern", 7)] == [2]


def devices() -> None:
    import devices as module

    engine = create_engine("sqlite://")
    module.Base.metadata.create_all(engine)
    with Session(engine) as session:
        device = module.Device(name="pump")
        session.add(device)
        session.commit()
        assert (device.name, device.created_by, device.id) == ("pump", "system", 1)
        session.add(module.Device(name="valve", created_by="ada"))
        session.commit()
    names = {column["name"] for column in inspect(engine).get_columns("devices")}
    assert names == {"id", "name", "created_by"}
    assert repr(module.Device(name="x", created_by="ada")).count("created_by='ada'") == 1


def view() -> None:
    import reports as module

    engine = create_engine("sqlite://")
    module.metadata.create_all(engine)
    assert inspect(engine).get_view_names() == ["paid_orders"]
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO orders (id, status, total) VALUES (1, 'paid', 5), (2, 'open', 7)"))
        assert [tuple(row) for row in connection.execute(module.paid_orders.select())] == [(1, 5)]
    module.metadata.drop_all(engine)
    assert not inspect(engine).get_view_names() and not inspect(engine).get_table_names()


def latest() -> None:
    import latest as module

    sql = " ".join(str(module.latest_reading_of_each_sensor().compile(dialect=postgresql.dialect())).split())
    assert "DISTINCT ON (readings.sensor_id)" in sql, sql
    assert "ORDER BY readings.sensor_id, readings.taken_at DESC" in sql, sql


def members() -> None:
    import members as module

    query = module.names_of_teams()
    for dialect, name in ((postgresql.dialect(), "string_agg("), (sqlite.dialect(), "group_concat(")):
        sql = " ".join(str(query.compile(dialect=dialect)).lower().split())
        inside = sql.partition(name)[2].partition(")")[0]
        assert "order by members.name" in inside and "group by members.team" in sql, sql


sys.path.insert(0, ".")
{"orders": orders, "devices": devices, "view": view, "latest": latest, "members": members}[sys.argv[1]]()
