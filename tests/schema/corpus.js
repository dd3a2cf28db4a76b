// SPDX-License-Identifier: Apache-2.0
// corpus.js MODULES SCHEMA VERDICTS: whether a schema takes all policies that `tetra check` takes.  SCHEMA is a JSON Schema,
// or CustomResourceDefinitions as YAML (of which the server would drop unknown keys, and not refuse them).  VERDICTS has
// lines "accepts|refuses<TAB>FILE".  Prints a line "bad FILE: WHY" for each that the schema should take and does not, and
// last "refuses N of M": of the files that check refuses, how many the schema (or a reader of YAML) refuses too.  MODULES is a node_modules
// folder that holds:
// npm: ajv@8.20.0 yaml@2.9.1
const fs = require('fs'), path = require('path');
const [modules, schemaFile, verdicts] = process.argv.slice(2);
const load = name => require(path.resolve(modules, name));
const Ajv = load('ajv/dist/2020').default, YAML = load('yaml');

const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false });

// Kind to the function that validates it: of a JSON Schema, or of CustomResourceDefinitions.
function validators() {
	const text = fs.readFileSync(schemaFile, 'utf8');
	if (/^apiVersion:/m.test(text))
		return Object.fromEntries(YAML.parseAllDocuments(text).map(document => document.toJS().spec)
			.map(spec => [spec.names.kind, ajv.compile(spec.versions[0].schema.openAPIV3Schema)]));
	const schema = JSON.parse(text), validate = ajv.compile(schema);
	return Object.fromEntries(schema.properties.kind.enum.map(kind => [kind, validate]));
}
const byKind = validators();

// YAML as Tetragon and check read it: 1.1, but dates and 1:30 are text.
const isText = tag => tag.format === 'TIME' || tag.tag === 'tag:yaml.org,2002:timestamp';
const options = { version: '1.1', customTags: tags => tags.filter(tag => !isText(tag)), logLevel: 'silent' };

// Why the file is refused; '' when it is not.  Documents of other kinds are passed over, lists taken apart, as by check.
function problem(file) {
	let found = 0, why = '';
	const visit = (value, broken) => {
		if (value && /List$/.test(value.kind) && Array.isArray(value.items))
			value.items.forEach(item => visit(item, broken));
		else if (value && byKind[value.kind] && ++found)
			why = why || broken || (byKind[value.kind](value) ? '' : ajv.errorsText(byKind[value.kind].errors));
	};
	try {
		for (const document of YAML.parseAllDocuments(fs.readFileSync(file, 'utf8'), options))
			visit(document.toJS(), document.errors[0]?.message);
	} catch (error) {	/* aliases that grow without end */
		return error.message;
	}
	return why || (found ? '' : 'no policy in it');
}

let refused = 0, wanted = 0, bad = 0;
for (const line of fs.readFileSync(verdicts, 'utf8').split('\n').filter(Boolean)) {
	const [verdict, file] = line.split('\t');
	const why = problem(file);
	if (verdict === 'refuses') {
		wanted++;
		refused += why !== '';
	} else if (why) {
		bad++;
		console.log('bad %s: %s', file, why);
	}
}
console.log('refuses %d of %d', refused, wanted);
process.exit(bad ? 1 : 0);
