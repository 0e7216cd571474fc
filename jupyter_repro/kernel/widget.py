"""`%repro panel`: what the JupyterLab panel says, made of ipywidgets alone.

This module imports ipywidgets, so it is imported by `%repro panel` and by nothing else. All that
is shown is made in `show.panel`; here it is displayed and kept up to date.

The state of a widget may be saved in the notebook, so it holds what is shown and no more: the
snapshots stay in Python, and no package is in it until you search for one.

Why ipywidgets alone: anywidget would need a second front end in JavaScript, with its own escaping,
themes and browser tests, for two buttons, a search field and text. Every front end knows
ipywidgets, and ``<details>`` opens the layers without asking the kernel. The state is some 30 kB,
of which 20 are ipywidgets' own, and holds 200 packages at most. `jupyter repro run` shows the card
instead, so its files hold no state at all.

What you accept in the panel travels in the panel's own output, which is renewed with the message,
because a click belongs to no cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from jupyter_repro.kernel.publish import publish_panel
from jupyter_repro.show.panel import (
    Sides,
    render_differences,
    render_loss,
    render_packages,
    render_results,
    render_sentence,
    render_stack,
    render_top,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.kernel.session import Session
    from jupyter_repro.model.snapshot import Snapshot

_HIDDEN = "none"

_ACCEPTED = (
    "Accepted: the environment of this kernel is the reference now. Save the notebook to keep it; "
    "“jupyter repro lift” moves it from this cell's output into the notebook's metadata."
)


def show_panel(shell: InteractiveShell, session: Session) -> None:
    """Display a panel and let it follow the session; an earlier one is closed."""
    panel = Panel(session, session.capture())
    panel.on_accept = lambda: publish_panel(
        shell, session, panel.sides, panel.model_id, accept=True
    )
    session.follower.show(shell, panel)
    publish_panel(shell, session, panel.sides, panel.model_id)


class Panel:
    """The widgets of one panel.

    Parameters
    ----------
    session
        What is looked at.
    snapshot
        The present one.

    Attributes
    ----------
    sides : Sides
        What is shown.
    on_accept : callable
        Called after the user has accepted.
    """

    def __init__(self, session: Session, snapshot: Snapshot) -> None:
        self._session = session
        self._all: list[Any] = []
        self.on_accept: Callable[[], None] = lambda: None
        # One that most widgets share: each takes 1.5 kB of a saved notebook
        self._layout = self._make(ipywidgets.Layout)
        self._top = self._html()
        self._stack = self._html()
        self._results = self._html()
        self._differences = self._html()
        self._question = self._html()
        self._said = self._html()
        self._found = self._html()
        self._accept = self._button("Accept as reference…", self._ask)
        answers = [
            self._button("Replace the reference", self._do_accept, style="danger"),
            self._button("Cancel", self._close_question),
        ]
        self._confirm = self._make(
            ipywidgets.VBox, [self._question, self._row(answers)], layout={"display": _HIDDEN}
        )
        self._search = self._make(
            ipywidgets.Text,
            description="Packages",
            placeholder="Part of a name",
            style={"description_width": "initial"},
            layout=self._layout,
        )
        self._search.observe(self._show_packages, names="value")
        actions = self._row([self._button("Check now", self._check), self._accept])
        self._box = self._make(
            ipywidgets.VBox,
            [
                self._top,
                actions,
                self._confirm,
                self._said,
                self._results,
                self._stack,
                self._differences,
                self._search,
                self._found,
            ],
            layout=self._layout,
        )
        self.update(snapshot)

    @property
    def model_id(self) -> str:
        """How a front end finds the widget."""
        return str(self._box.model_id)

    def update(self, snapshot: Snapshot) -> None:
        """Show the present snapshot; what stays the same is not sent again."""
        recorded = self._session.find_reference()
        policy, notes = self._session.policy_to_show()
        verdicts = None
        if recorded is not None:
            verdicts = self._session.verdicts(self._session.check(snapshot, policy))
        self.sides = Sides(recorded, snapshot, verdicts, policy)
        self._top.value = render_top(self.sides, notes)
        self._results.value = render_results(self.sides)
        self._differences.value = render_differences(self.sides.report)
        self._stack.value = render_stack(self.sides)
        differs = verdicts is not None and verdicts.overall.differences > 0
        self._accept.layout.display = None if differs else _HIDDEN
        self._said.value = ""
        self._close_question()
        self._show_packages()

    def close(self) -> None:
        """Take the panel from the screen, and leave no widget behind."""
        self._search.unobserve_all()
        for widget in self._all:
            widget.close()

    def _make(self, kind: Callable[..., Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401
        widget = kind(*args, **options)
        # Layout and style are widgets too, and stay when their owner is closed
        parts = (getattr(widget, name, None) for name in ("layout", "style"))
        self._all += [*(part for part in parts if isinstance(part, ipywidgets.Widget)), widget]
        return widget

    def _html(self) -> Any:  # noqa: ANN401 - ipywidgets has no types
        return self._make(ipywidgets.HTML, layout=self._layout)

    def _row(self, widgets: list[Any]) -> Any:  # noqa: ANN401
        return self._make(ipywidgets.HBox, widgets, layout=self._layout)

    def _button(self, label: str, act: Callable[[], None], style: str = "") -> Any:  # noqa: ANN401
        layout = {"width": "auto"}
        button = self._make(ipywidgets.Button, description=label, button_style=style, layout=layout)
        button.on_click(lambda _: act())
        return button

    def _check(self) -> None:
        self.update(self._session.capture())

    def _ask(self) -> None:
        self._question.value = render_loss(self.sides)
        self._confirm.layout.display = None

    def _close_question(self) -> None:
        self._confirm.layout.display = _HIDDEN
        self._question.value = ""

    def _do_accept(self) -> None:
        self._session.accept()  # which updates this panel, too
        self.on_accept()
        self._said.value = render_sentence(_ACCEPTED)

    def _show_packages(self, _change: object = None) -> None:
        self._found.value = render_packages(self.sides, self._search.value)
