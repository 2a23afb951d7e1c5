"""The one protocol: a stage is a callable ``Document -> Document`` whose keyword-only arguments are its options."""
from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal

from cleaner.document import DOCUMENT, Document, Mark
from cleaner.doors import ABOUT, Doors, clean_text, text_only
from cleaner.stages.segment import segment

#: The one dial of all stages that may be unsure: "precision" cuts more, "recall" keeps more.
Favor = Literal["precision", "balanced", "recall"]


class Stage:
    """A function ``(Document, *, option=default, …) -> Document`` with its settings, callable on texts and tables too.

    The function's keyword-only arguments are the stage's options: names, types and defaults are read from there and
    nowhere else. ``with_(option=value)`` gives the same stage with other settings.
    """

    def __init__(self, function: Callable[..., Document], answer=clean_text, columns=text_only, settings: Mapping[str, Any] = {}):
        self.function, self.settings = function, dict(settings)
        self.doors = Doors(self.run, segment, answer, columns)
        self.__name__, self.__doc__, self.__module__ = function.__name__, function.__doc__, function.__module__
        self.__wrapped__ = function  # inspect.signature and help() show the real one

    def options(self) -> dict[str, inspect.Parameter]:
        """The stage's options by name, as they stand in its signature."""
        parameters = inspect.signature(self.function, eval_str=True).parameters.values()
        return {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}

    def with_(self, **settings: Any) -> Stage:
        """This stage with other settings. Raises TypeError for an option that it does not have."""
        known = self.options()
        for name in settings:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(known) or 'none'}"
                raise TypeError(f"{self.__name__} has no option {name!r}; {hint}")
        return Stage(self.function, self.doors.answer, self.doors.columns, {**self.settings, **settings})

    def __call__(self, x: Any, /, **settings: Any) -> Any:
        """Run the stage on a str, a Document, a pandas Series or DataFrame.

        Keywords are the stage's options; for a str also what is known about it (``title=``, ``lang=``, ``url=`` …), for a
        DataFrame ``text=``, the name of its text column. Raises TypeError for any other type or keyword.
        """
        if not settings:
            return self.doors(x)
        about = {k: v for k, v in settings.items() if k == "text" or k in ABOUT and k not in self.options()}
        chosen = self.with_(**{k: v for k, v in settings.items() if k not in about})
        return chosen.doors(x, **about)

    def run(self, doc: Document) -> Document:
        """The stage on a Document; what goes wrong becomes the mark ``error.<type>``."""
        return attempt(self.__name__, lambda d: self.function(d, **self.settings), doc)

    def __reduce__(self):
        return _same_stage, (self.__module__, self.__name__, self.settings)

    def __repr__(self) -> str:
        return f"{self.__name__}({', '.join(f'{k}={v!r}' for k, v in self.settings.items())})"


def stage(function: Callable[..., Document] | None = None, *, answer=clean_text, columns=text_only):
    """Make a function ``(Document, *, options) -> Document`` a :class:`Stage`.

    answer: what a str gives back, the clean text when not said otherwise.
    columns: what a DataFrame's row gives back by column name (``doors.TEXT`` for its text column), the text otherwise.
    """
    if function is None:
        return lambda f: Stage(f, answer, columns)
    return Stage(function, answer, columns)


def _same_stage(module: str, name: str, settings: Mapping[str, Any]) -> Stage:
    return getattr(importlib.import_module(module), name).with_(**settings)


def stage_name(one: Callable) -> str:
    """The name of a stage: the function's own."""
    return getattr(one, "__name__", type(one).__name__)


def attempt(name: str, run: Callable[[Document], Document], doc: Document) -> Document:
    """Run one stage; an exception becomes the mark ``error.<type>``, and the document goes on as it was."""
    try:
        out = run(doc)
        if not isinstance(out, Document):
            raise TypeError(f"stage {name} returned {type(out).__name__}, not a Document")
        return out
    except MemoryError:
        raise  # the document is rejected, not half cleaned
    except Exception as error:
        return doc.add([Mark(DOCUMENT, 0, 0, name, f"error.{type(error).__name__}", "flag", detail=f"{name}: {error}")])
