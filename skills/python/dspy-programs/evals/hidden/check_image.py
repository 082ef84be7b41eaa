import sys
import warnings

sys.path.insert(0, ".")


import base64
import pathlib

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def inside() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="unclosed")
    from photos import photo

    pathlib.Path("dot.png").write_bytes(base64.b64decode(DOT))
    assert DOT in photo(pathlib.Path("dot.png")).url


globals()[sys.argv[1]]()
