"""Write files into a folder of our own, and into no other."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from clicksession.errors import ParameterError

__all__ = ["MANIFEST", "write_files"]

#: Says which files of a folder were written here, and with what in them.
MANIFEST = "clicksession.json"

_HINT = "Give another folder, or move what is there to another place first."


def write_files(folder: Path, files: Mapping[str, str], *, who: str) -> None:
    """Make a folder hold these files; what else is in it stays as it is.

    Files of an earlier call that are not among these are removed. Where nothing is to change,
    nothing is written.

    Parameters
    ----------
    folder
        A new or an empty one, or one that an earlier call has filled.
    files
        Their texts, by their paths in it.
    who
        What to call the caller in an error.

    Raises
    ------
    ParameterError
        The folder holds other things, or a file that was changed since it was written: nothing
        was written.
    """
    written = _written(folder, who)
    gone = set(written) - set(files)
    for path in (*files, *gone):
        _must_be_ours(folder, path, files.get(path, ""), written, who)
    if not written:
        # First, so that a call that is interrupted can be made again.
        _write(folder / MANIFEST, _manifest(files))
    for path in gone:
        (folder / path).unlink(missing_ok=True)
    for path, text in files.items():
        _write(folder / path, text)
    # Last, for the same reason: until then files are either of the two.
    _write(folder / MANIFEST, _manifest(files))


def _written(folder: Path, who: str) -> dict[str, str]:
    """Return the digests of what an earlier call has written."""
    if (folder / MANIFEST).is_file():
        found: dict[str, str] = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
        return found
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ParameterError(
            who, "folder", "new, empty, or written by it before", f"{folder}", _HINT
        )
    return {}


def _must_be_ours(folder: Path, path: str, text: str, written: Mapping[str, str], who: str) -> None:
    """Refuse a file that somebody else has made, or changed since."""
    place = folder / path
    if not place.exists():
        return
    digest = _digest(place.read_text("utf-8"))
    if digest not in (written.get(path), _digest(text)):
        must = "a folder whose files are as they were written"
        hint = f"{path} is another one now. {_HINT}"
        raise ParameterError(who, "folder", must, f"{folder}", hint)


def _write(place: Path, text: str) -> None:
    if place.exists() and place.read_text("utf-8") == text:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")


def _manifest(files: Mapping[str, str]) -> str:
    digests = {path: _digest(files[path]) for path in sorted(files)}
    return json.dumps({"written_by": "clicksession", "files": digests}, indent=2) + "\n"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
