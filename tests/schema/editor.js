// SPDX-License-Identifier: Apache-2.0
// editor.js MODULES SCHEMA FOLDER: what an editor gets of a schema from yaml-language-server: completion, hover and
// diagnostics.  TAP, one line for each question.  The document that is asked about has a | where the cursor is.  FOLDER has
// the schemas as GROUP/KIND_VERSION.json.  MODULES is a node_modules folder that holds:
// npm: yaml-language-server@1.25.0
const { spawn } = require('child_process');
const path = require('path');
const { pathToFileURL } = require('url');
const [modules, schema, folder] = process.argv.slice(2);

// ---- The server, and the protocol: a header with the length, then JSON ----

const server = spawn(process.execPath, [path.resolve(modules, 'yaml-language-server/bin/yaml-language-server'), '--stdio'],
	{ stdio: ['pipe', 'pipe', 'inherit'] });
const answers = new Map(), published = new Map();
let input = Buffer.alloc(0), last = 0;

function send(message) {
	const body = JSON.stringify({ jsonrpc: '2.0', ...message });
	server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
const notify = (method, params) => send({ method, params });
const ask = (method, params) => new Promise(resolve => {
	answers.set(++last, resolve);
	send({ id: last, method, params });
});

// The server asks for settings too.  Which schema goes with a file, its name says, or the apiVersion and kind in it.
const settings = { schemas: { [pathToFileURL(path.resolve(schema))]: ['policy-*.yaml'], kubernetes: ['by-kind-*.yaml'] },
	schemaStore: { enable: false }, kubernetesCRDStore: { enable: true, url: pathToFileURL(path.resolve(folder)).href },
	validate: true, hover: true, completion: true };

function receive(message) {
	if (message.method === 'workspace/configuration')
		send({ id: message.id, result: message.params.items.map(item => item.section === 'yaml' ? settings : null) });
	else if (message.method === 'textDocument/publishDiagnostics')
		published.get(message.params.uri)?.(message.params.diagnostics);
	else if (message.method && message.id !== undefined)
		send({ id: message.id, result: null });
	else if (answers.has(message.id))
		answers.get(message.id)(message.result);
}
server.stdout.on('data', chunk => {
	input = Buffer.concat([input, chunk]);
	for (let end; (end = input.indexOf('\r\n\r\n')) >= 0;) {
		const length = Number(/Content-Length: (\d+)/.exec(input.subarray(0, end))[1]);
		if (input.length < end + 4 + length)
			return;
		const body = input.subarray(end + 4, end + 4 + length);
		input = input.subarray(end + 4 + length);
		receive(JSON.parse(body));
	}
});

// ---- A document, and the questions ----

let documents = 0;
async function open(text, name = 'policy') {
	const uri = pathToFileURL(path.resolve(path.dirname(schema), `${name}-${++documents}.yaml`)).href, at = text.indexOf('|'), before = text.slice(0, at).split('\n');
	const diagnostics = new Promise(resolve => published.set(uri, resolve));
	notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text: at < 0 ? text : text.slice(0, at) + text.slice(at + 1) } });
	return { diagnostics, where: { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1).length } } };
}
const diagnostics = async (text, name) => (await (await open(text, name)).diagnostics).map(one => ({ line: one.range.start.line + 1, message: one.message }));
async function completion(text) {
	const { where, diagnostics } = await open(text);
	await diagnostics;
	const answer = await ask('textDocument/completion', where);
	return (answer.items || answer).map(item => item.label);
}
async function hover(text) {
	const { where, diagnostics } = await open(text);
	await diagnostics;
	const answer = await ask('textDocument/hover', where);
	return answer ? answer.contents.value || answer.contents : '';
}

// ---- TAP ----

let number = 0, failed = 0;
function report(fine, name, got) {
	failed += !fine;
	console.log('%sok %d - %s', fine ? '' : 'not ', ++number, name);
	if (!fine)
		console.log('# %s', JSON.stringify(got));
}
const has = (name, list, ...words) => report(words.every(word => list.includes(word)), name, list);
const lacks = (name, list, ...words) => report(list.length && !words.some(word => list.includes(word)), name, list);

const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: sample\n';
const hook = head + 'spec:\n  kprobes:\n  - call: security_file_open\n    syscall: false\n    args:\n    - index: 0\n      type: file\n';
const filter = hook + '    selectors:\n    - matchArgs:\n      - index: 0\n';
const good = filter + '        operator: Prefix\n        values: ["/etc/"]\n      matchBinaries:\n      - operator: In\n        values: ["/usr/bin/cat"]\n' +
	'      matchActions:\n      - action: Signal\n        argSig: 9\n';
const namespaced = good.replace('kind: TracingPolicy', 'kind: TracingPolicyNamespaced').replace('name: sample', 'name: sample\n  namespace: shop');

async function main() {
	await ask('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true },
		textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } }, hover: { contentFormat: ['markdown'] } } } });
	notify('initialized', {});
	notify('workspace/didChangeConfiguration', { settings: { yaml: settings } });

	let found = await diagnostics(good);
	report(!found.length, 'a good policy has no diagnostics', found);
	found = await diagnostics(namespaced);
	report(!found.length, 'nor has one of a namespace', found);
	found = await diagnostics(good.replace('call:', 'cal:'));
	report(found.some(one => one.line === 7 && /cal/.test(one.message)), 'a key that does not exist', found);
	found = await diagnostics(good.replace('Prefix', 'Prefx'));
	report(found.some(one => one.line === 15 && /Prefix/.test(one.message)), 'an operator that does not exist', found);
	found = await diagnostics(good.replace('type: file', 'type: int'));
	report(found.some(one => one.line === 15 && /InRange/.test(one.message)), 'an operator that does not go with the type', found);
	found = await diagnostics(good.replace('type: file', 'type: uint32').replace('Prefix', 'Equal').replace('"/etc/"', '"-1"'));
	report(found.length === 1 && found[0].line === 16, 'a number that is none of the type', found);
	found = await diagnostics(good.replace('type: file', 'type: fil'));
	report(found.some(one => one.line === 11), 'a type that does not exist', found);
	found = await diagnostics(good.replace('argSig: 9', 'argSig: 90'));
	report(found.some(one => one.line === 22), 'a signal that does not exist', found);
	found = await diagnostics(good.replace('      type: file\n', ''));
	report(found.some(one => /type/.test(one.message)), 'an argument without a type', found);
	found = await diagnostics(namespaced.replace('  namespace: shop\n', ''));
	report(found.some(one => /namespace/.test(one.message)), 'a namespaced policy without a namespace', found);
	found = await diagnostics(good.replace('name: sample', 'name: sample\n  namespace: shop'));
	report(found.some(one => one.line === 5), 'a namespace of a TracingPolicy', found);
	found = await diagnostics(good.replace('spec:\n', 'spec:\n  options: [{name: policy-mode, value: monitr}]\n'));
	report(found.some(one => one.line === 6), 'a value that the option does not take', found);

	const wrong = good.replace('Prefix', 'Prefx'), modeline = `# yaml-language-server: $schema=${path.resolve(schema)}\n`;
	found = await diagnostics(wrong, 'other');
	report(!found.length, 'nothing where no schema goes with the file', found);
	found = await diagnostics(modeline + wrong, 'other');
	report(found.some(one => one.line === 16), 'unless its first line names it', found);
	found = await diagnostics(`# yaml-language-server: $schema=./${path.basename(schema)}\n` + wrong, 'other');
	report(found.some(one => one.line === 16), 'also by a relative path', found);
	found = await diagnostics(wrong, 'by-kind');
	report(found.some(one => one.line === 15), 'or its apiVersion and kind do', found);
	found = await diagnostics(namespaced.replace('  namespace: shop\n', ''), 'by-kind');
	report(found.some(one => /namespace/.test(one.message)), 'of either kind', found);
	found = await diagnostics(good, 'by-kind');
	report(!found.length, 'which says nothing of a good policy', found);

	has('keys of a filter', await completion(filter + '        |\n'), 'operator', 'values', 'args');
	has('keys of a selector', await completion(hook + '    selectors:\n    - |\n'), 'matchArgs', 'matchBinaries', 'matchPIDs', 'matchActions');
	has('keys of spec', await completion(head + 'spec:\n  |\n'), 'kprobes', 'tracepoints', 'lsmhooks', 'options');
	has('operators of arguments', await completion(filter + '        operator: |\n'), 'Equal', 'NotEqual', 'Prefix', 'InRange', 'SAddr');
	found = await completion(hook + '    selectors:\n    - matchBinaries:\n      - operator: |\n');
	has('operators of binaries', found, 'In', 'NotIn', 'Prefix');
	lacks('and of those only they', found, 'Equal', 'SAddr');
	has('types', await completion(good.replace('type: file', 'type: |')), 'file', 'int', 'sockaddr');
	has('actions', await completion(good.replace('Signal', '|')), 'Post', 'Sigkill', 'Override');
	has('kinds', await completion('apiVersion: cilium.io/v1alpha1\nkind: |\n'), 'TracingPolicy', 'TracingPolicyNamespaced');
	has('names of options', await completion(head + 'spec:\n  options:\n  - name: |\n'), 'policy-mode');
	has('values of an option', await completion(head + 'spec:\n  options:\n  - name: policy-mode\n    value: |\n'), 'monitor', 'enforce');
	has('capabilities', await completion(hook + '    selectors:\n    - matchCapabilities:\n      - operator: In\n        values:\n        - |\n'), 'CAP_SYS_ADMIN');

	let text = await hover(good.replace('matchBinaries', 'match|Binaries'));
	report(/path of the program that the process runs/.test(text), 'matchBinaries is explained', text);
	text = await hover(good.replace('syscall', 'sys|call'));
	report(/true unless you say otherwise/.test(text) && /Default: `true`/.test(text), 'syscall, with its default', text);
	text = await hover(good.replace('Prefix', 'Pre|fix'));
	report(/starts with any of the values/.test(text), 'an operator is explained', text);

	console.log('1..%d', number);
	server.kill();
	process.exit(failed ? 1 : 0);
}
setTimeout(() => { console.log('Bail out! the language server does not answer'); server.kill(); process.exit(1); }, 60000).unref();
main();
