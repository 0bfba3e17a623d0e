"""read.py FOLDER: what the mails or calendars of the folder say, by other libraries than those that wrote them, as JSON."""

import email
import email.policy
import email.utils
import json
import pathlib
import sys

from icalendar import Calendar


def entry(text):
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "starts": event.decoded("DTSTART").isoformat(),
        "status": str(event["STATUS"]),
        "summary": str(event["SUMMARY"]),
        "attendee": event.get("ATTENDEE"),
        "organizer": event.get("ORGANIZER"),
    }


def read(path):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert not message.defects, message.defects
    parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    calendar = parts.get("text/calendar")
    return {
        "kind": message.get_content_type(),
        "parts": list(parts),
        "headers": {name.lower(): str(value) for name, value in message.items()},
        "date": email.utils.parsedate_to_datetime(message["Date"]).isoformat(),
        "text": parts["text/plain"].get_content(),
        "html": parts["text/html"].get_content(),
        "calendar": calendar and entry(calendar.get_content()),
        "calendar_method": calendar and calendar["Content-Type"].params["method"],
        "envelope": json.loads(path.with_suffix(".json").read_text()),
    }


folder = pathlib.Path(sys.argv[1])
mails = [read(path) for path in sorted(folder.glob("*.eml"))]
entries = [entry(path.read_bytes()) for path in sorted(folder.glob("*.ics"))]
print(json.dumps(mails + entries))
