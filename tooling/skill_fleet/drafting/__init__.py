"""From documents and a task to a Brief, and from there to a Draft: the files of one skill.

Without a model, read aloud: `read` -> `placeholders.fill` -> `gather` (repair, unpack, choose, open as pages) -> `plan`
and `room` (what stays in SKILL.md) -> `layout` (what stands in which file) -> `files` (written, with links that follow)
-> `ledger` (where every source line went). `briefs` states beforehand what will be written, `words` and `reading` find
the words for it in the text, `doubts` says what a person has to settle, `preview` shows it all before it is kept.

Only `read` touches a disk. Everything else is a function of its arguments, takes linear time, and raises nothing but
UserError whatever the text.
"""
