import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Static, TSchema } from 'typebox';
import { isCurrency, isDuration, parseTime } from './formats.ts';

/** One thing that is wrong with a request. */
export interface FieldError {
  /** JSON pointer (RFC 6901); empty for the whole request. */
  readonly pointer: string;
  readonly detail: string;
}

/** Looks at a value that came from outside; null if it is as the schema says. */
export interface Validator<Value> {
  /** True if valid. Fast, and says nothing more. */
  accepts(value: unknown): value is Value;
  /** What is wrong with a value that was not accepted. */
  errorsOf(value: unknown, sizeBytes: number): FieldError[];
}

/** More than this many errors help nobody. */
const ERRORS_MAX = 50;
/** Bodies larger than this are told their first error only, so that none costs much to refuse. */
const ALL_ERRORS_SIZE_MAX_BYTES = 64 * 1024;

const OPTIONS = {
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  discriminator: true,
  verbose: true,
} as const;
const firstError = withFormats(new Ajv2020({ ...OPTIONS, allErrors: false }));
const allErrors = withFormats(new Ajv2020({ ...OPTIONS, allErrors: true }));

/** Compiles a schema once, when it is first needed: a start has better things to do. */
export function compileValidator<Schema extends TSchema>(
  schema: Schema,
): Validator<Static<Schema>> {
  let quick: ValidateFunction | null = null;
  let thorough: ValidateFunction | null = null;
  return {
    accepts: (value): value is Static<Schema> => (quick ??= firstError.compile(schema))(value),
    errorsOf: (value, sizeBytes) => {
      const validate =
        sizeBytes <= ALL_ERRORS_SIZE_MAX_BYTES
          ? (thorough ??= allErrors.compile(schema))
          : (quick ??= firstError.compile(schema));
      validate(value);
      return firstOfEach((validate.errors ?? []).slice(0, ERRORS_MAX).map(fieldError));
    },
  };
}

/** What is wrong with a member in two ways is told once. */
function firstOfEach(errors: readonly FieldError[]): FieldError[] {
  const byPointer = new Map<string, FieldError>();
  for (const error of errors) {
    if (!byPointer.has(error.pointer)) byPointer.set(error.pointer, error);
  }
  return [...byPointer.values()];
}

function withFormats(ajv: Ajv2020): Ajv2020 {
  ajv.addFormat('iso-4217', isCurrency);
  ajv.addFormat('date-time', (text: string) => parseTime(text) !== null);
  ajv.addFormat('duration', isDuration);
  ajv.addFormat('uri-reference', true);
  ajv.addKeyword('x-rule');
  return ajv;
}

function fieldError(error: ErrorObject): FieldError {
  const params = error.params as Readonly<Record<string, unknown>>;
  const at = error.instancePath;
  switch (error.keyword) {
    case 'additionalProperties':
      return {
        pointer: `${at}/${escapePointer(String(params['additionalProperty']))}`,
        detail: 'is not known here',
      };
    case 'required':
      return {
        pointer: `${at}/${escapePointer(String(params['missingProperty']))}`,
        detail: 'is missing',
      };
    case 'discriminator':
      return { pointer: `${at}/${String(params['tag'])}`, detail: discriminatorRule(error) };
    default:
      return { pointer: at, detail: `must ${ruleOf(error, params)}` };
  }
}

function ruleOf(error: ErrorObject, params: Readonly<Record<string, unknown>>): string {
  const limit = Number(params['limit']).toLocaleString('en-US');
  switch (error.keyword) {
    case 'type':
      return `be ${typeName(params['type'])}`;
    case 'minimum':
      return `be at least ${limit}`;
    case 'maximum':
      return `be at most ${limit}`;
    case 'minLength':
      return `have at least ${counted(limit, 'character')}`;
    case 'maxLength':
      return `have at most ${counted(limit, 'character')}`;
    case 'minItems':
      return `have at least ${counted(limit, 'entry', 'entries')}`;
    case 'maxItems':
      return `have at most ${counted(limit, 'entry', 'entries')}`;
    case 'minProperties':
      return `have at least ${counted(limit, 'member')}`;
    case 'enum':
      return `be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'const':
      return `be ${JSON.stringify(params['allowedValue'])}`;
    case 'format':
      return `be ${FORMAT_NAMES[String(params['format'])] ?? String(params['format'])}`;
    default:
      return String(error.parentSchema?.['x-rule'] ?? error.message ?? 'be as documented');
  }
}

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  'iso-4217': 'a currency of ISO 4217, such as KRW',
  'date-time': 'a time of RFC 3339, such as 2026-11-11T00:00:00Z',
  duration: 'a duration of ISO 8601 in whole parts, such as P30D',
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  object: 'an object',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  null: 'null',
};

function typeName(type: unknown): string {
  const types = Array.isArray(type) ? (type as string[]) : String(type).split(',');
  return types.map((name) => TYPE_NAMES[name] ?? name).join(' or ');
}

function discriminatorRule(error: ErrorObject): string {
  const branches = (error.parentSchema?.['oneOf'] ?? []) as {
    properties: Record<string, { const?: string }>;
  }[];
  const tag = String((error.params as { tag: unknown }).tag);
  return `must be one of ${branches.map(({ properties }) => properties[tag]?.const).join(', ')}`;
}

function counted(limit: string, one: string, many = `${one}s`): string {
  return `${limit} ${limit === '1' ? one : many}`;
}

/** RFC 6901. What it points at came from the caller, so what cannot be printed is replaced. */
function escapePointer(name: string): string {
  const printable = name.slice(0, POINTER_PART_MAX).toWellFormed();
  return printable.replaceAll('~', '~0').replaceAll('/', '~1');
}

const POINTER_PART_MAX = 128;
