"""Decoding in a process of its own.

Over some damaged files a decoder written in C aborts, or asks for all the memory there is;
nothing in Python can catch that.  In a process of its own it takes nobody with it.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["GDCM_ITSELF", "DecoderProcess"]

GDCM_ITSELF: Final = "gdcm itself"
"""A decoder that is no plugin of pydicom, by GDCM's own reader."""

_SECONDS_PER_FILE: Final = 60.0
_BYTES: Final = 4 * 2**30


class DecoderProcess:
    """A child process that decodes files one after the other; started when first needed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from pydicom import examples
    >>> with DecoderProcess() as decoder:
    ...     frames = decoder.decode(Path(examples.get_path("jpeg2k")), [0], "pillow")
    >>> frames[0].shape
    (480, 640, 3)
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DecoderProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def decode(self, path: Path, indices: list[int], plugin: str) -> list[NDArray[Any]]:
        """Stored values of some frames of a file, decoded by a plugin of pydicom.

        Raises
        ------
        RuntimeError
            If the plugin cannot decode it, dies of it or takes longer than a minute.
        """
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        overtime = threading.Timer(_SECONDS_PER_FILE, process.kill)
        overtime.start()
        try:
            process.stdin.write(json.dumps([str(path.resolve()), indices, plugin]).encode() + b"\n")
            process.stdin.flush()
            failure = json.loads(process.stdout.readline())
            if failure is not None:
                raise RuntimeError(failure)
            return [_receive(process.stdout) for _ in indices]
        except (OSError, ValueError) as error:
            self._stop()
            raise RuntimeError("the decoder died of it") from error
        finally:
            overtime.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()


def _receive(stream: BinaryIO) -> NDArray[Any]:
    kind, shape = json.loads(stream.readline())
    kind = np.dtype(kind)
    length = int(np.prod(shape)) * kind.itemsize
    data = stream.read(length)
    if len(data) != length:
        raise ValueError("the answer was cut off")
    return np.frombuffer(data, kind).reshape(shape)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _by_gdcm_itself(path: str, indices: list[int]) -> list[NDArray[Any]]:
    """Frames by GDCM's own reader, which decodes 12-bit JPEG; pydicom asks it for 8 bits only."""
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        raise RuntimeError("GDCM cannot read the file")
    image = reader.GetImage()
    kind = image.GetPixelFormat()
    if kind.GetSamplesPerPixel() != 1 or kind.GetBitsAllocated() not in (8, 16):
        raise RuntimeError("not one value of 8 or 16 bits per pixel")
    sign = "i" if kind.GetPixelRepresentation() else "u"
    data = image.GetBuffer().encode("utf-8", "surrogateescape")
    columns, rows = image.GetDimension(0), image.GetDimension(1)
    frames = np.frombuffer(data, f"<{sign}{kind.GetBitsAllocated() // 8}").reshape(
        -1, rows, columns
    )
    return [np.ascontiguousarray(frames[index]) for index in indices]


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line ``[path, indices, plugin]``: ``null`` and frames, or a reason."""
    import pydicom
    from pydicom.pixels import iter_pixels

    for line in requests:
        path, indices, plugin = json.loads(line)
        try:
            if plugin == GDCM_ITSELF:
                frames = _by_gdcm_itself(path, indices)
            else:
                dataset = pydicom.dcmread(path)
                count = int(dataset.get("NumberOfFrames") or 1)
                wanted = {"indices": indices} if count > 1 else {}
                frames = [
                    np.ascontiguousarray(frame)
                    for frame in iter_pixels(dataset, decoding_plugin=plugin, **wanted)
                ]
        except Exception as error:
            answers.write(json.dumps(" ".join(str(error).split())).encode() + b"\n")
        else:
            answers.write(b"null\n")
            for frame in frames:
                answers.write(json.dumps([frame.dtype.str, frame.shape]).encode() + b"\n")
                answers.write(frame.tobytes())
        answers.flush()


if __name__ == "__main__":
    _limit_memory()
    _serve(sys.stdin.buffer, sys.stdout.buffer)
