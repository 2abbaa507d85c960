"""The sections of a search's report: the best configurations, figures, every trial, and the confirmation."""

from __future__ import annotations

from pathlib import Path

from assay.config.errors import UserError
from assay.config.reading import read_text
from assay.evidence.figures.drawing import missing
from assay.evidence.figures.search import search_figures
from assay.evidence.report.blocks import Block, Cell, Grid, Listing, Section, Sentences, cell_of, grid_of
from assay.evidence.report.reading import Reading
from assay.evidence.report.sections.ablation import ablation_sections
from assay.evidence.report.sections.pictures import pictured
from assay.evidence.report.sections.provenance import provenance_section
from assay.evidence.search_record import validated_on
from assay.evidence.search_results import SearchResults, search_results
from assay.evidence.search_shortfalls import shortfalls
from assay.evidence.tables.confirmed import answer_of
from assay.evidence.tables.search import best_table, search_lines
from assay.store.received.inside import inside
from assay.store.run.folder import RunFolder

__all__ = ["RECORD", "is_search", "search_sections"]

RECORD, BEST = "search.json", "best.yaml"


def is_search(folder: Path) -> bool:
    """Whether the folder is that of a search; it is a run too once the best were confirmed."""
    return (folder / RECORD).is_file()


def search_sections(read: Reading) -> list[Section]:
    """What a search found, and how it was confirmed on the test split; what is missing is said instead.

    Args:
        read: of the folder; figures are written into its `figures/`.

    Raises:
        UserError: a file in it is damaged.
    """
    folder = read.run.folder
    results = search_results(folder)
    sections = [_best(results, folder), _figures(results, folder), _trials(results)]
    if (folder / "run.json").is_file():
        confirmed = ablation_sections(read)
        return [*sections, *confirmed[:-1], _provenance(results), confirmed[-1]]
    none = Sentences(("The best configurations have not been trained with fresh seeds and tested.",), "missing")
    return [*sections, Section("table", "Confirmation", (none,)), _provenance(results)]


def _best(results: SearchResults, folder: Path) -> Section:
    caption = f"On {validated_on(results.record)}"
    blocks: list[Block] = [Sentences(("No trial has finished.",), "missing")]
    if len(results.finished):
        blocks = [grid_of(best_table(results), caption=caption)]
    if short := shortfalls(results):
        blocks.append(Sentences(tuple(short), "alarm"))
    blocks.append(Sentences(tuple(search_lines(results))))
    if (answer := answer_of(results, RunFolder(folder))).line:
        blocks.append(Sentences((answer.line,), "note" if answer.gained else "alarm"))
    if (folder / BEST).is_file():
        blocks.append(Listing(_text(inside(folder, BEST))))
    return Section("best", "Best configurations", tuple(blocks))


def _figures(results: SearchResults, folder: Path) -> Section:
    blocks = [
        pictured(figure, folder, f"search-{name}", missing(figure) or _alternative(figure.get_suptitle()))
        for name, figure in search_figures(results)
    ]
    return Section("search", "How the search went", tuple(blocks))


def _alternative(title: str) -> str:
    """A figure's title for those who do not see it."""
    return title.replace("\n", " ").replace(r"\$", "$")


def _trials(results: SearchResults) -> Section:
    return Section("trials", "All trials of the search", (_space(results), grid_of(results.trials, caption="Trials")))


def _space(results: SearchResults) -> Grid:
    lines = [
        (
            Cell(each["name"]),
            cell_of(each.get("path")),
            Cell(_range(each)),
            cell_of(each.get("paper")),
            cell_of(each.get("meaning")),
        )
        for each in results.space
    ]
    return Grid(("parameter", "sets", "range", results.defaults_of, "meaning"), tuple(lines), "Space")


def _range(parameter: dict[str, object]) -> str:
    choices = parameter.get("choices")
    if choices:
        return cell_of(choices).text
    return f"{cell_of(parameter['low']).text} to {cell_of(parameter['high']).text}, {parameter['scale']}"


def _provenance(results: SearchResults) -> Section:
    record = results.record
    names = ("sampler", "pruning", "objectives", "seeds")
    about = {name: record[name] for name in names if name in record} | dict(record.get("provenance", {}))
    section = provenance_section(tuple(map(str, record.get("command", ()))), about)
    return Section("search-provenance", "Provenance of the search", section.blocks)


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except ValueError as error:
        raise UserError(f"{path} is damaged ({error}); give the search's command again to write it anew") from error
