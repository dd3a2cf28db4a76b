// SPDX-License-Identifier: Apache-2.0
// validate.js MODULES FILE: FILE against the JSON Schema of SARIF 2.1.0, which an npm package carries.  MODULES is a
// node_modules folder that holds:
// npm: ajv@8.20.0 ajv-draft-04@1.0.0 ajv-formats@3.0.1 @microsoft/jest-sarif@1.0.0-beta.0
const fs = require('fs'), path = require('path');
const [modules, file] = process.argv.slice(2);
const load = name => require(path.resolve(modules, name));
const schema = JSON.parse(fs.readFileSync(path.resolve(modules,
	'@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')));
const ajv = new (load('ajv-draft-04').default)({ strict: false, allErrors: true, unicodeRegExp: false });
load('ajv-formats').default(ajv);
const validate = ajv.compile(schema);
if (!validate(JSON.parse(fs.readFileSync(file)))) {
	console.error(validate.errors);
	process.exit(1);
}
