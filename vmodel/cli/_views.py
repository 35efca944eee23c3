"""What `list`, `info` and `machine` show: a document for programs, and the text for people made from it."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmodel._bytes import format_bytes
from vmodel.cli._tables import table

if TYPE_CHECKING:
    from vmodel import Holding, Machine, ServiceStatus, VModel
    from vmodel._readings import CardReading

Document = dict[str, Any]


def services(vm: "VModel") -> Document:
    """Return the services of *vm*, and what was left out with the reason."""
    status = vm.status()
    return {
        "services": [_service(shown, list(vm.service(name))) for name, shown in status.services.items()],
        "left_out": [finding.to_dict() for finding in status.findings],
    }


def _service(status: "ServiceStatus", methods: list[str]) -> Document:
    return {
        "name": status.name,
        "protocol": status.protocol,
        "state": status.state.value,
        "problem": status.failure,
        "methods": methods,
        "place": status.place,
    }


def services_text(document: Document) -> str:
    """Return the document of `list` as a table, and a line for whatever was left out."""
    rows = [
        (row["name"], row["protocol"], row["problem"] or row["state"], ", ".join(row["methods"]), _near(row["place"]))
        for row in document["services"]
    ]
    parts = [table(("service", "protocol", "state", "methods", "place"), rows) if rows else "no services"]
    parts += [f"left out: {finding['message']}" for finding in document["left_out"]]
    return "\n".join(parts)


def _near(place: str) -> str:
    """Return *place* as seen from the current folder, where it lies in it."""
    here = Path.cwd()
    return str(Path(place).relative_to(here)) if Path(place).is_relative_to(here) else place


def info_text(info: Document) -> str:
    """Return what a service says of itself: its texts, its resources, and how each method is called."""
    name, resources = info["service_name"], info.get("resources")
    lines = [f"{name}: {info['service_desc']}" if info["service_desc"] else name]
    if resources:
        lines.append(f"resources: {', '.join(f'{kind} {_amount(kind, value)}' for kind, value in resources.items())}")
    for method in info["methods"]:
        lines += ["", *_method(name, method)]
    return "\n".join(lines)


def _amount(kind: str, value: object) -> str:
    return format_bytes(value) if kind == "memory" and isinstance(value, int) else str(value)


def _method(service: str, method: Document) -> list[str]:
    arguments = [f"-a {_word(parameter['name'])}={_value(parameter)}" for parameter in method["params"]]
    call = " ".join(["vmodel run", _word(service), _word(method["name"]), *arguments])
    entries = [*((entry["name"], entry) for entry in method["params"]), ("returns", method["return"])]
    rows = [f"  {name} ({entry['type']}){_said(entry)}" for name, entry in entries]
    return [f"{method['name']}{_said(method)}", *rows, f"  $ {call}"]


def _value(parameter: Document) -> str:
    """Return what stands for the value of *parameter*: a file where it takes the path or the content of one."""
    return "@FILE" if re.search(r"\b(Path|bytes)\b", str(parameter["type"])) else "…"


def _word(text: str) -> str:
    """Return *text* as one word of a command line; letters of any language need no quotes."""
    return text if re.fullmatch(r"[\w.-]+", text) else shlex.quote(text)


def _said(entry: Document) -> str:
    texts = dict.fromkeys(text for text in (entry.get("desc"), entry.get("type_desc")) if text)
    return f": {_joined(list(texts))}" if texts else ""


def _joined(texts: list[str]) -> str:
    """Return *texts* as one: after a full stop comes the next sentence, else a semicolon."""
    ends = [("" if text.endswith((".", "。")) else ";") for text in texts[:-1]]
    return " ".join([*(text + end for text, end in zip(texts, ends, strict=False)), texts[-1]])


def machine(machine: "Machine") -> Document:
    """Return what the machine has, what is free of it, what others use, and which service holds what."""
    memory = machine.memory
    return {
        "cpu": {"total": machine.cpu.total, "load": machine.cpu.load},
        "memory": {
            "total": memory.total,
            "available": memory.available,
            "ours": memory.ours,
            "others": memory.others,
        },
        "cards": [_card(card) for card in machine.cards],
        "note": machine.note,
        "holdings": [_holding(holding) for holding in machine.holdings],
    }


def _holding(holding: "Holding") -> Document:
    amounts = {str(key): amount for key, amount in holding.amounts.items()}
    return {"service": holding.service, "cores": holding.cores, "bytes": amounts}


def _card(card: "CardReading") -> Document:
    names = ("index", "uuid", "name", "bus", "total", "usable", "free", "ours", "others")
    return {name: getattr(card, name) for name in names}


def machine_text(document: Document) -> str:
    """Return the document of `machine` as a table, a line for each kind of thing that is asked for."""
    cpu, memory = document["cpu"], document["memory"]
    idle = "" if cpu["load"] is None else f"{max(0.0, cpu['total'] - cpu['load']):.1f} idle"
    rows = [("cpu", f"{cpu['total']:g} cores", idle, ""), _bytes_row("memory", memory, memory["available"])]
    rows += [_bytes_row(f"card {card['index']} ({card['name']})", card, card["free"]) for card in document["cards"]]
    note = [f"cards: {document['note']}"] if document["note"] else []
    held = [_held_text(holding) for holding in document["holdings"]]
    return "\n".join([table(("what", "total", "free", "used by others"), rows), *note, *held])


def _held_text(holding: Document) -> str:
    amounts = [
        f"{format_bytes(amount)} of memory" if key == "memory" else f"{format_bytes(amount)} on card {key}"
        for key, amount in holding["bytes"].items()
    ]
    cores = [f"{holding['cores']:g} cores"] if holding["cores"] else []
    return f"{holding['service']} holds {', '.join([*cores, *amounts]) or 'nothing'}"


def _bytes_row(what: str, amounts: Document, free: int) -> tuple[str, str, str, str]:
    return what, format_bytes(amounts["total"]), format_bytes(free), format_bytes(amounts["others"])
