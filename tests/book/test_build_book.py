"""Building the book: a warning stops it and leaves nothing behind, and the verdict's box says what the verdict says."""

import pytest

import build_book
import set_up
from companion.pages.assembly import BookError, Stage
from companion.pages.figure_pages import verdict_cell


def test_a_warning_stops_the_build_every_time(tmp_path, monkeypatch):
    for name, folder in {"BUILD": "_build", "STAGE": "source", "HTML": "_build/html", "ROOT": ""}.items():
        monkeypatch.setattr(build_book, name, tmp_path / folder)
    stage = tmp_path / "source"
    stage.mkdir()
    (stage / "_config.yml").write_text(
        "title: a book\nexecute: {execute_notebooks: 'off'}\nonly_build_toc_files: true\n", encoding="utf-8"
    )
    (stage / "_toc.yml").write_text("format: jb-book\nroot: page\n", encoding="utf-8")
    (stage / "page.md").write_text("# A page\n\nA link to [nowhere](missing.md).\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(BookError, match=r"page\.md:3: WARNING.*missing\.md"):
            build_book.assemble()
        assert not (tmp_path / "_build" / "html").exists()
    (stage / "page.md").write_text("# A page\n\nNo link.\n", encoding="utf-8")
    build_book.assemble()
    assert (tmp_path / "_build" / "html" / "page.html").is_file()


def test_the_stage_forgets_what_has_no_source_any_more_and_leaves_the_rest_untouched(tmp_path):
    first = Stage(tmp_path)
    first.write("kept.md", "the same")
    first.write("gone.md", "of an earlier day")
    before = (tmp_path / "kept.md").stat().st_mtime_ns
    second = Stage(tmp_path)
    second.write("kept.md", "the same")
    second.forget_others()
    assert [path.name for path in tmp_path.iterdir()] == ["kept.md"]
    assert (tmp_path / "kept.md").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [("Reproduced: all", "tip"), ("Partly reproduced: one", "important"), ("Not reproduced: none", "warning")],
)
def test_the_verdict_box_is_no_kinder_than_the_verdict(verdict, kind):
    source = verdict_cell(verdict).source
    title, reason = verdict.split(": ")
    assert f"{{admonition}} Verdict: {title}\n:class: {kind}\n\n{reason.capitalize()}." in source


@pytest.mark.parametrize("verdict", ["Reproduced", "Some of the runs were strange. These are left: none", ""])
def test_a_verdict_that_does_not_begin_with_its_word_is_refused(verdict):
    with pytest.raises(BookError, match="begin with a few words and a colon"):
        verdict_cell(verdict)


def test_the_set_up_installs_nothing_but_the_locks_and_checks_every_hash(tmp_path):
    uv, packages, own = set_up.installation(tmp_path / "python", [set_up.BOOK_LOCK, set_up.TEST_LOCK])
    assert "--require-hashes" in uv
    assert uv[-2:] == ["--requirement", str(set_up.ENVIRONMENT / "uv.lock")]
    given = ["--requirement", str(set_up.BOOK_LOCK), "--requirement", str(set_up.TEST_LOCK)]
    assert packages[-5:] == ["--require-hashes", *given]
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(own)


def test_the_installer_itself_comes_from_the_lock_with_its_hashes():
    lock = "uvicorn==1.0\nuv==2.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nzict==3.0\n"
    assert set_up.pin_of("uv", lock) == "uv==2.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    with pytest.raises(ValueError, match="the lock has no pip; call make lock"):
        set_up.pin_of("pip", lock)


def test_an_environment_is_kept_only_when_it_runs_the_right_python():
    environment = build_book.Path(set_up.sys.prefix)
    assert set_up.has_python(environment, set_up.sys.version_info[:2])
    assert not set_up.has_python(environment, (3, 99))
    assert not set_up.has_python(environment / "nowhere", set_up.sys.version_info[:2])
