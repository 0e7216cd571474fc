import { describe, expect, it } from 'vitest';

import {
  CHECK_TYPE,
  encodeMetadata,
  MESSAGE_TYPE,
  parseCheck,
  parseDocument,
  parseMessage,
  parseStamp,
  UnreadableError,
  VersionError
} from '../../src/protocol/parse';
import { sampleCheck, sampleDocument, SAMPLES, sampleSnapshot } from '../support/answers';

describe('the metadata', () => {
  it.each(SAMPLES)('of the sample %s are read', name => {
    expect(parseDocument(sampleDocument(name))).toEqual(sampleDocument(name));
  });

  it.each([null, undefined])('are nothing when they are %s', value => {
    expect(parseDocument(value)).toBeNull();
  });

  it.each([0, '', 'text', true, [], {}, [[]], { schema_version: 1 }, { reference: {} }])(
    'are refused when they are %j',
    value => {
      expect(() => parseDocument(value)).toThrow(UnreadableError);
    }
  );

  it.each([
    ['reference.digest', { digest: 'x' }],
    ['reference.created', { created: '<script>' }],
    ['reference.tool', { tool: '\u202egnp.exe' }],
    ['reference.tool', { tool: '\u001b[2J' }],
    ['reference.tool', { tool: 'x'.repeat(501) }],
    ['reference.layers.conda', { layers: {} }],
    ['reference.third_party', { third_party: { '../x': { status: 'ok' } } }],
    ['reference.third_party', { third_party: { x: { status: 'fine' } } }]
  ])('are refused, and %s is named', (place, change) => {
    const document = { ...sampleDocument(), reference: { ...sampleSnapshot(), ...change } };
    expect(() => parseDocument(document)).toThrow(new RegExp(`at ${place}`));
  });

  it('are refused with more packages than there can be', () => {
    const snapshot = sampleSnapshot();
    snapshot.layers.packages.packages = Array<string>(100_000).fill('a==1 [pip]');
    expect(() => parseDocument({ schema_version: 1, reference: snapshot })).toThrow(
      'reference.layers.packages.packages'
    );
  });

  it('never show what they hold in the reason', () => {
    const tool = '<img src=x onerror=alert(1)>\u0000';
    const document = { ...sampleDocument(), reference: { ...sampleSnapshot(), tool } };
    expect(() => parseDocument(document)).not.toThrow('onerror');
  });

  it('may hold characters beyond the basic plane up to the limit', () => {
    const snapshot = { ...sampleSnapshot(), tool: '🧪'.repeat(500) };
    expect(parseDocument({ schema_version: 1, reference: snapshot })).not.toBeNull();
    snapshot.tool += '🧪';
    expect(() => parseDocument({ schema_version: 1, reference: snapshot })).toThrow('tool');
  });

  it.each([0, 2, 99])('of the format %i say so', version => {
    expect(() => parseDocument({ ...sampleDocument(), schema_version: version })).toThrow(
      VersionError
    );
  });

  it('keep members that nobody knows out of the way', () => {
    const document = { ...sampleDocument(), constructor: 1, ['__proto__x']: [] };
    expect(parseDocument(document)).toEqual(document);
  });

  it('need their own members, not inherited ones', () => {
    const inherited = Object.create(sampleDocument()) as unknown;
    expect(() => parseDocument(inherited)).toThrow(UnreadableError);
  });
});

describe('metadata on their way to the kernel', () => {
  it('are sent as they are', () => {
    const document = { ...sampleDocument(), other: ['"', '\u2028', 'é'] };
    expect(JSON.parse(encodeMetadata(document))).toEqual(document);
  });

  it('are null where there are none', () => {
    expect(encodeMetadata(undefined)).toBe('null');
  });

  it('are not sent when they are nested without end', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) {
      nested = [nested];
    }
    expect(() => encodeMetadata(nested)).toThrow('nested too deeply');
  });

  it('are not sent when they are too large', () => {
    const huge = { text: 'x'.repeat(20_000_001) };
    expect(() => encodeMetadata(huge)).toThrow('too large');
  });
});

describe("the kernel's answer", () => {
  it('is read', () => {
    expect(parseCheck(sampleCheck())).toEqual(sampleCheck());
  });

  it.each([undefined, null, 'ok', [], {}, { schema_version: 1 }])('is not %j', value => {
    expect(() => parseCheck(value)).toThrow(UnreadableError);
  });

  it('of another version says which', () => {
    const newer = { schema_version: 7, other: true };
    expect(() => parseCheck(newer)).toThrow(expect.objectContaining({ found: 7 }));
  });

  it('with a wrong severity is refused', () => {
    const check = sampleCheck() as unknown as { report: { verdict: string } };
    check.report.verdict = 'fine';
    expect(() => parseCheck(check)).toThrow('report.verdict');
  });
});

describe('a message', () => {
  const digest = 'a'.repeat(64);

  it('is found in the data of an output', () => {
    const message = { schema_version: 1, digest };
    expect(parseMessage({ 'text/plain': 'x', [MESSAGE_TYPE]: message })).toEqual(message);
  });

  it.each([
    {},
    { [CHECK_TYPE]: { schema_version: 1, digest } },
    { [MESSAGE_TYPE]: 'text' },
    { [MESSAGE_TYPE]: { schema_version: 1, digest: 'short' } }
  ])('is not in %j', data => {
    expect(parseMessage(data)).toBeNull();
  });
});

describe('a stamp', () => {
  it('is read', () => {
    expect(parseStamp({ env: '0123456789ab', other: 1 })).toBe('0123456789ab');
  });

  it.each([undefined, {}, { env: 1 }, { env: '<b>' }, { env: '0123456789AB' }, 'x'])(
    'is not in %j',
    value => {
      expect(parseStamp(value)).toBeNull();
    }
  );
});
