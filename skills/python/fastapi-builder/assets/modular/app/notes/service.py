"""Notes of one owner. What belongs to somebody else is not found."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotFound
from app.notes.models import NoteChange, NoteIn
from app.notes.tables import Note


class Notes:
    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    async def add(self, new: NoteIn) -> Note:
        note = Note(owner_id=self._owner_id, **new.model_dump())
        self._session.add(note)
        await self._session.commit()
        return note

    async def get(self, note_id: int) -> Note:
        note = await self._session.scalar(select(Note).where(Note.id == note_id, Note.owner_id == self._owner_id))
        if note is None:
            raise NotFound("There is no such note.")
        return note

    async def page(self, before: int | None, limit: int) -> tuple[list[Note], int | None]:
        """Newest first, and where the next page begins."""
        query = select(Note).where(Note.owner_id == self._owner_id).order_by(Note.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(Note.id < before)
        found = list(await self._session.scalars(query))
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def change(self, note_id: int, change: NoteChange) -> Note:
        note = await self.get(note_id)
        for field, value in change.model_dump(exclude_unset=True).items():
            setattr(note, field, value)
        await self._session.commit()
        return note

    async def delete(self, note_id: int) -> None:
        await self._session.delete(await self.get(note_id))
        await self._session.commit()
