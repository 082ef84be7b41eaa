from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, declarative_mixin, mapped_column


class Base(MappedAsDataclass, DeclarativeBase):
    pass


@declarative_mixin
class Audited:
    created_by: Mapped[str] = mapped_column(default="system", kw_only=True)


class Device(Audited, Base):
    __tablename__ = "devices"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str]
