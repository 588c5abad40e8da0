"""Which files of two states differ, and which were only renamed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.file_changes import FileChange, file_changes

CODE = b"".join(b"line %d of the service\n" % number for number in range(20))

paths = st.sampled_from(["a.py", "b.py", "c/d.py", "logo.png"])
contents = st.sampled_from([b"", b"x\n", b"x\ny\n", CODE, CODE + b"more\n", b"\0\1"])
states = st.dictionaries(paths, contents)


@given(states, states)
def test_every_file_that_differs_is_in_exactly_one_change_and_no_other_is(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    changes = file_changes(before, after)
    old, new = [change.before for change in changes], [change.after for change in changes]
    differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path for path in [*old, *new] if path} == differing
    assert len(set(old) - {None}) == sum(path is not None for path in old)
    assert len(set(new) - {None}) == sum(path is not None for path in new)


def test_a_file_that_was_moved_and_edited_is_one_change_with_both_names() -> None:
    edited = CODE.replace(b"line 3 of", b"line three of")
    assert file_changes({"services/slug.py": CODE}, {"usecases/slugs.py": edited, "new.py": b"x\n"}) == [
        FileChange(None, "new.py", 1, 0),
        FileChange("services/slug.py", "usecases/slugs.py", 1, 1),
    ]


def test_two_files_with_little_in_common_are_one_deleted_and_one_new() -> None:
    changes = file_changes({"a.py": CODE}, {"b.py": b"something else\n"})
    assert [change.kind for change in changes] == ["removed", "added"]


def test_an_empty_file_is_not_taken_for_another_empty_file() -> None:
    kinds = [change.kind for change in file_changes({"a/__init__.py": b""}, {"b/__init__.py": b""})]
    assert kinds == ["removed", "added"]
