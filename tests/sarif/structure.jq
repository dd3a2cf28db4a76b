# SPDX-License-Identifier: Apache-2.0
# What SARIF 2.1.0 asks of the parts that tetra writes; `jq -f` prints true, or fails and says what is wrong.  The whole
# schema is tried by validate.js where node has it.
def must(condition; message): if condition then . else error(message) end;
def text(what): must(type == "object" and (.text | type == "string" and length > 0); "\(what): no text") | must(keys - ["text"] == []; "\(what): unknown keys");
def only(allowed; what): must(keys - allowed == []; "\(what): unknown keys \(keys - allowed)");
def number(least; what): must(type == "number" and . >= least and . == floor; "\(what): \(.)");
def region: only(["startLine", "startColumn", "endLine", "endColumn"]; "region")
	| (.startLine | number(1; "startLine")), (.startColumn | number(1; "startColumn")),
	  (.endLine | number(1; "endLine")), (.endColumn | number(1; "endColumn")),
	  must([.endLine, .endColumn] >= [.startLine, .startColumn]; "region ends before it begins");
def artifact: only(["uri"]; "artifactLocation")
	| must(.uri | test("^(file:///)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"); "uri: \(.uri)");
def location: only(["physicalLocation", "message"]; "location")
	| (.physicalLocation | only(["artifactLocation", "region"]; "physicalLocation"), (.artifactLocation | artifact), (.region | region)),
	  (if .message then .message | text("message") else . end);
def fix: only(["description", "artifactChanges"]; "fix")
	| must(.artifactChanges | length > 0; "fix without changes")
	| .artifactChanges[] | (.artifactLocation | artifact), (.replacements[]
		| only(["deletedRegion", "insertedContent"]; "replacement"), (.deletedRegion | region), (.insertedContent | text("insertedContent")));
def rule: only(["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"]; "rule")
	| must(.id | test("^TP[0-9]{3}$"); "id"), must(.name | test("^([A-Z][a-z0-9]*)+$"); "name \(.name)"),
	  (.shortDescription | text("shortDescription")), (.fullDescription | text("fullDescription")), (.help | text("help")),
	  must(.defaultConfiguration.level | IN("error", "warning", "note", "none"); "level");
def result(rules): only(["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes"]; "result")
	| must(rules[.ruleIndex].id == .ruleId; "ruleIndex"), must(.level | IN("error", "warning"); "level"), (.message | text("message")),
	  (.locations[]? | location), (.relatedLocations[]? | location), (.fixes[]? | fix);
def run: only(["tool", "columnKind", "results", "invocations"]; "run")
	| .tool.driver.rules as $rules
	| must(.columnKind | IN("utf16CodeUnits", "unicodeCodePoints"); "columnKind"), must(.tool.driver.name == "tetra"; "name"),
	  must([$rules[].id] | length == (unique | length); "two rules with one id"),
	  ($rules[] | rule), (.results[] | result($rules)),
	  must(.invocations | length == 1 and (.[0].executionSuccessful | type == "boolean"); "invocations");
[ must(.version == "2.1.0"; "version"), must(."$schema" | test("sarif-2.1.0"); "$schema"), must(.runs | length == 1; "runs"),
  (.runs[] | run) ] | length > 0
