"""What the code itself must not do with a stranger's bytes: run them, unpickle them, follow what they point to."""
from __future__ import annotations

import ast
import time
from pathlib import Path

import numpy as np
import pytest

import cleaner

PACKAGE = Path(cleaner.__file__).parent
ROOMS = sorted(p for p in PACKAGE.rglob("*.py"))
#: Calls that run a text or unpickle bytes, and rooms that do nothing else or reach for the network.
FORBIDDEN = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load", "pickle.loads", "marshal.loads", "yaml.load", "pd.read_pickle", "ast.literal_eval"}
ROOMS_FORBIDDEN = {"pickle", "marshal", "shelve", "dill", "joblib", "requests", "httpx", "aiohttp", "urllib.request", "http.client", "ftplib", "telnetlib", "smtplib", "xml.etree", "xml.sax", "xml.dom"}
#: Rooms that exchange with other processes of the same run what only those made, over a channel that no input reaches.
OWN_PROCESSES = {"engines/cluster.py": {"pickle", "pickle.loads"}}
#: An HTML page with a document type of its own, and what must not come of it.
ENTITIES = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">{}<!ENTITY x SYSTEM "{}">]><html><body><p>The council met on Monday &{}; &x; and it meets again in May, the mayor of the town said.</p></body></html>'


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("path", ROOMS, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_room_runs_or_unpickles_what_it_reads(path):
    allowed = OWN_PROCESSES.get(path.relative_to(PACKAGE).as_posix(), set())
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in FORBIDDEN - allowed and not any(k.arg == "shell" for k in node.keywords), f"{path.name}:{node.lineno} {called}"
            if called == "np.load":
                assert [k.value.value for k in node.keywords if k.arg == "allow_pickle"] == [False], f"{path.name}:{node.lineno}"
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert not any(name == room or name.startswith(room + ".") for room in ROOMS_FORBIDDEN - allowed), f"{path.name}:{node.lineno} imports {name}"


def test_the_models_hold_no_pickles():
    for path in (PACKAGE / "data").glob("*.npz"):
        with np.load(path, allow_pickle=False) as stored:
            assert all(stored[name].dtype != object for name in stored.files)


def test_entities_of_a_page_are_not_expanded_and_lead_nowhere(tmp_path):
    (tmp_path / "secret.txt").write_text("a key that nobody knows")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)).replace("&a0;", "&a;")
    for target in ((tmp_path / "secret.txt").as_uri(), str(tmp_path / "secret.txt"), "http://127.0.0.1:9/x"):
        begin = time.process_time()
        doc = cleaner.clean(ENTITIES.format(laughs, target, "a11"), html=True)
        assert time.process_time() - begin < 2 and "a key" not in cleaner.restore(doc) and len(cleaner.restore(doc)) < 1_000


def test_a_page_in_xml_is_no_other_way_in(tmp_path):
    (tmp_path / "secret.txt").write_text("a key that nobody knows")
    page = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">]><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{"The council met. " * 9}&x;</p><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{tmp_path}/secret.txt" parse="text"/></body></html>'
    assert "a key" not in cleaner.restore(cleaner.extract(page))
