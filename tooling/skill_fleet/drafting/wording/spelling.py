"""Names of languages and libraries whose signs a path cannot hold, as everybody writes them in one."""

from __future__ import annotations

import re

_SPELLED = {
    "c++": "cpp", "c++/cli": "cpp-cli", "g++": "gpp", "c#": "csharp", "f#": "fsharp", "q#": "qsharp", "j#": "jsharp",
    ".net": "dotnet", "asp.net": "aspnet", "ado.net": "adonet", "ml.net": "mlnet", "vb.net": "vbnet",
    "node.js": "nodejs", "next.js": "nextjs", "nuxt.js": "nuxtjs", "vue.js": "vuejs", "nest.js": "nestjs",
    "express.js": "expressjs", "three.js": "threejs", "d3.js": "d3js", "p5.js": "p5js", "chart.js": "chartjs",
    "ember.js": "emberjs", "backbone.js": "backbonejs", "alpine.js": "alpinejs", "discord.js": "discordjs",
    "moment.js": "momentjs", "react.js": "reactjs", "socket.io": "socketio", "draw.io": "drawio", "a/b": "ab",
    "i/o": "io",
}  # fmt: skip
_NAMES = re.compile(
    rf"(?<![\w.+#-])(?:{'|'.join(re.escape(name) for name in sorted(_SPELLED, key=len, reverse=True))})(?![\w+#])", re.I
)


def spelled(text: str) -> str:
    """A title with such names spelled out: "C++ style" is "cpp style"; C and R are names already."""
    return _NAMES.sub(lambda found: _SPELLED[found[0].lower()], text)
