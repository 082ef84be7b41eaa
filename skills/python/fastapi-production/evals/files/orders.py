from collections.abc import Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    city: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[str]
    total: Mapped[int]
    customer: Mapped[Customer] = relationship()


def orders_of_customers(session: Session, status: str) -> Sequence[Order]:
    query = select(Order).join(Order.customer).filter_by(status=status).order_by(Order.id)
    return session.scalars(query).all()


def orders_in_city(session: Session, city: str, total: int) -> Sequence[Order]:
    query = select(Order).filter_by(total=total).join(Order.customer).filter_by(city=city).order_by(Order.id)
    return session.scalars(query).all()
