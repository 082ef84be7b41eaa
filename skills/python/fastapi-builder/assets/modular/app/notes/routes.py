"""/notes"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.accounts.dependencies import CurrentAccount
from app.database import SessionDep
from app.notes.models import NoteChange, NoteIn, NoteOut, NotePage
from app.notes.service import Notes
from app.notes.tables import Note


def get_notes(session: SessionDep, account: CurrentAccount) -> Notes:
    return Notes(session, account.id)


NotesDep = Annotated[Notes, Depends(get_notes)]
ENDS = 2**31  # the column is a 32-bit integer; drivers fail at larger numbers
NoteId = Annotated[int, Path(ge=1, lt=ENDS)]
Before = Annotated[int | None, Query(ge=1, lt=ENDS)]
router = APIRouter(prefix="/notes", tags=["notes"])


@router.post("", status_code=201, response_model=NoteOut)
async def add(new: NoteIn, notes: NotesDep) -> Note:
    return await notes.add(new)


@router.get("", response_model=NotePage)
async def page(
    notes: NotesDep, before: Before = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> dict[str, object]:
    items, following = await notes.page(before, limit)
    return {"items": items, "next": following}


@router.get("/{note_id}", response_model=NoteOut)
async def read(note_id: NoteId, notes: NotesDep) -> Note:
    return await notes.get(note_id)


@router.patch("/{note_id}", response_model=NoteOut)
async def change(note_id: NoteId, change: NoteChange, notes: NotesDep) -> Note:
    return await notes.change(note_id, change)


@router.delete("/{note_id}", status_code=204)
async def delete(note_id: NoteId, notes: NotesDep) -> None:
    await notes.delete(note_id)
