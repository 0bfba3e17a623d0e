# Formats that the crates of jaq leave to whoever uses them, as jq 1.7 has them.
def row($format; text):
  if isarray | not then error("\(tojson) cannot be \($format)-formatted, only an array can be") end
  | [.[] |
      if . == null then ""
      elif isboolean or isnumber then tojson
      elif isstring then text
      else error("\(tojson) is not valid in a \($format) row") end
    ];
def replaced($old; $new): split($old) | join($new);
def @csv: row("csv"; "\"\(replaced("\""; "\"\""))\"") | join(",");
def @tsv:
  row("tsv"; replaced("\\"; "\\\\") | replaced("\t"; "\\t") | replaced("\n"; "\\n") | replaced("\r"; "\\r"))
  | join("\t");

def halt_error($exit_code): halt_message, halt($exit_code);
def halt_error: halt_error(5);
