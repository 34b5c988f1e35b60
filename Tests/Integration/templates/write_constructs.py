#!/usr/bin/env python3
"""Writes constructs.json: what Jinja makes of the small templates, for the Swift tests, which run without Python."""
import json
import pathlib

import jinja2

import constructs
import reference

context = {key: value for key, value in constructs.CONTEXT.items() if key != "messages"}
table = {"context": context, "rendered": [], "refused": [], "malformed": []}
for source in constructs.TEMPLATES:
    if "strftime" in source or "messages" in source:
        continue
    try:
        text = reference.render(source, {**context, "messages": []})
        table["rendered"].append({"template": source, "text": text})
    except jinja2.TemplateAssertionError:  # an unknown filter or test: ours complains when it is used
        table["refused"].append(source)
    except jinja2.TemplateSyntaxError:
        table["malformed"].append(source)
    except Exception:
        table["refused"].append(source)
path = pathlib.Path(__file__).with_name("constructs.json")
path.write_text(json.dumps(table, indent=0) + "\n", encoding="utf-8")
