/**
 * Tokens in the form in which known issuers make them, with claims that are
 * made up: their ways to write iss, sub and aud, their header, their times. All
 * are good by the RFC: a verifier that refuses one keeps real people out. And
 * what is met in the wild and is not good.
 */

import type { Case } from "../conformance/corpus.ts";
import { forge } from "./forge.ts";
import { type More, verifying } from "./making.ts";

/** What an issuer writes: who, the claims, and where needed policy and header. */
interface Form {
  readonly issuer: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly policy?: Readonly<Record<string, unknown>>;
}

const now = 1_732_000_000;
const times = { iat: now - 10, exp: now + 3600 };
const plain = { alg: "HS256", typ: "JWT" };

const subjects: readonly Form[] = [
  ["Auth0, its own accounts", "auth0|5f7c8ec7c33c6c004bbafe82"],
  ["Auth0, Google", "google-oauth2|103547991597142817347"],
  ["Auth0, a connection of one's own", "oauth2|Combine|1:1467702"],
  ["Auth0, SAML", "samlp|corp|urn:example:ada lovelace"],
  ["Auth0, Windows", "ad|corp|8f3c:ada"],
  ["Auth0, e-mail", "email|5f7c8ec7c33c6c004bbafe82"],
  ["LiveKit for Matrix", "@alice:example.org:DEVICEID"],
  ["Matrix", "@ada.lovelace:matrix.example.org"],
  ["Keycloak", "7ce37b1a-5a2d-4b2e-8f0e-2f2b3c4d5e6f"],
  ["Keycloak, a federated user", "f:7ce37b1a-5a2d-4b2e:Ada Lovelace"],
  ["Keycloak, a federated user of LDAP", "f:7ce37b1a:CN=Ada,OU=R&D,DC=corp"],
  ["Firebase", "Zx8rT3kPq0WcVb5Nm1LsYd7Gh2J3"],
  ["Supabase", "11111111-2222-4333-8444-555555555555"],
  ["GitHub Actions, a branch", "repo:octo-org/octo-repo:ref:refs/heads/main"],
  ["GitHub Actions, an environment", "repo:o/r:environment:Production EU"],
  ["GitHub Actions, a pull request", "repo:o/r:pull_request"],
  ["GitLab", "project_path:my-group/my-project:ref_type:branch:ref:main"],
  ["Google", "110169484474386276334"],
  ["Apple", "001814.f0d1c2b3a4e5f60718293a4b5c6d7e8f.1523"],
  ["Atlassian, an account", "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"],
  [
    "Atlassian, an older account",
    "384093:32b4d9w0-f6a5-3535-11a3-9c8c88d10192",
  ],
  ["Slack", "U024BE7LH"],
  ["Discord", "80351110224678912"],
  ["Kubernetes", "system:serviceaccount:default:builder"],
  ["SPIFFE", "spiffe://example.org/ns/default/sa/web"],
  ["a DID", "did:web:example.org#key-1"],
  ["AWS, a role", "arn:aws:iam::123456789012:role/Read Only"],
  ["Azure DevOps", "sc://org/project/service connection"],
  ["Terraform", "organization:o:project:Default Project:workspace:w"],
  ["Buildkite", "organization:o:pipeline:p:ref:refs/heads/main:commit:0"],
  ["Nextcloud", "ada@cloud.example.org"],
  ["Strapi and others, a number in text", "42"],
  ["Laravel, a number in text", "1"],
  ["a role behind an id", "42:admin"],
  ["a kind before an id", "user:123"],
  ["a kind, an id and a space", "user:123 x"],
  ["an e-mail address with a tag", "ada+x@example.org"],
  ["an e-mail address beyond ASCII", "jörg@exämple.org"],
  ["an acct URI beyond ASCII", "acct:ada@exämple.org"],
  ["a name beyond ASCII", "Ада: Лавлейс"],
  ["a name with an emoji", "ada: \u{1f680}"],
  ["a time", "2026-11-30T20:00:00Z"],
  ["a Windows account", "CORP\\ada: R&D"],
  ["a MAC address", "00:1b:44:11:3a:b7"],
  ["an IPv6 address", "2001:db8::1"],
].map(([issuer = "", sub]) => ({ issuer, claims: { sub, ...times } }));

const issuers: readonly Form[] = [
  ["Google, as a host", "accounts.google.com"],
  ["Google, as a URL", "https://accounts.google.com"],
  ["Auth0", "https://tenant.eu.auth0.com/"],
  ["Keycloak", "http://localhost:8180/realms/My Realm"],
  ["LiveKit, an API key", "APIwLeah7g4fuLY"],
  ["Zoom, an API key", "abc123DEFghi-_456"],
  ["Home Assistant, random hex", "3e4b0b4d1c5f4f6a8b9c0d1e2f3a4b5c"],
  ["Home Assistant, an address", "192.168.1.10:8123"],
  ["a host and a port", "localhost:3000"],
  ["a Google service account", "app@project.iam.gserviceaccount.com"],
  ["a host beyond ASCII", "https://exämple.com"],
  ["an IPv6 address with a port", "[::1]:8080"],
  ["GitHub Apps, a number in text", "123456"],
  ["Supabase", "https://project.supabase.co/auth/v1"],
  ["a name with a space", "My App: production"],
].map(([issuer = "", iss]) => ({
  issuer: `${issuer} as iss`,
  claims: { iss, sub: "1", ...times },
  policy: { issuer: iss },
}));

const audiences: readonly Form[] = [
  ["Supabase", "authenticated", "authenticated"],
  ["Ghost", "/admin/", "/admin/"],
  [
    "an OpenID provider",
    "469a5118-0e0b-4a7e:console",
    "469a5118-0e0b-4a7e:console",
  ],
  ["Jitsi", "jitsi", "jitsi"],
  ["Apple", "https://appleid.apple.com", "https://appleid.apple.com"],
  ["Kubernetes", ["https://kubernetes.default.svc", "vault"], "vault"],
  ["Keycloak", ["realm-management", "broker", "account"], "account"],
  ["five, the first", ["a", "b", "c", "d", "e"], "a"],
  ["five, the third", ["a", "b", "c", "d", "e"], "c"],
  ["five, the last", ["a", "b", "c", "d", "e"], "e"],
  ["a space", "my api: v1", "my api: v1"],
  ["a URL without a scheme", "//api.example.org", "//api.example.org"],
].map(([issuer, aud, audience]) => ({
  issuer: `${issuer} as aud`,
  claims: { aud, sub: "1", ...times },
  policy: { audience },
}));

const headers: readonly Form[] = [
  ["no typ", { alg: "HS256" }],
  ["typ before alg", { typ: "JWT", alg: "HS256" }],
  ["typ in lower case", { alg: "HS256", typ: "jwt" }],
  ["RFC 9068", { alg: "HS256", typ: "at+jwt" }],
  ["RFC 9068, as a media type", { alg: "HS256", typ: "application/at+jwt" }],
  ["RFC 8417", { alg: "HS256", typ: "secevent+jwt" }],
  ["OpenID Connect, logout", { alg: "HS256", typ: "logout+jwt" }],
  ["typ JOSE", { alg: "HS256", typ: "JOSE" }],
  ["Twilio", { typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1" }],
  ["Ghost, a kid of hex", { ...plain, kid: "6489cdd9ea3a0b0001d1e1f1" }],
  ["Supabase, a kid of base64", { ...plain, kid: "q3/8Zx+0aA==" }],
  ["a kid that is a URL", { ...plain, kid: "https://example.org/keys/1" }],
  ["a kid that is a time", { ...plain, kid: "2026-11-30T20:00:00Z" }],
  ["a header of one's own", { ...plain, ver: 2, "x-tenant": ["a"] }],
].map(([issuer, header]) => ({
  issuer: `${String(issuer)} in the header`,
  header: Object(header),
  claims: { sub: "1", ...times },
}));

const others: readonly Form[] = [
  {
    issuer: "PyJWT with time.time()",
    claims: { iat: now - 0.123456, exp: now + 899.876544 },
  },
  {
    issuer: "a GitHub App, a minute back",
    claims: { iat: now - 60, exp: now + 600, iss: "1" },
  },
  {
    issuer: "Supabase's anonymous key, ten years",
    claims: { iss: "supabase", role: "anon", iat: now, exp: now + 315_360_000 },
  },
  { issuer: "PostgREST", claims: { role: "web_user" } },
  {
    issuer: "Hasura",
    claims: {
      ...times,
      "https://hasura.io/jwt/claims": {
        "x-hasura-allowed-roles": ["editor", "user"],
        "x-hasura-default-role": "user",
      },
    },
  },
  {
    issuer: "LiveKit",
    claims: {
      ...times,
      nbf: now - 10,
      video: { room: "!a:example.org", roomJoin: true },
    },
  },
  {
    issuer: "Jitsi",
    claims: { ...times, room: "*", context: { user: { name: "Ada" } } },
  },
  {
    issuer: "Atlassian Connect",
    claims: { ...times, qsh: "e3b0c44298fc1c14" },
  },
  { issuer: "Zoom", claims: { ...times, appKey: "k", tokenExp: now + 3600 } },
  {
    issuer: "Django, SimpleJWT",
    claims: { ...times, token_type: "access", jti: "e3b0c442", user_id: 1 },
  },
  {
    issuer: "Laravel",
    claims: { ...times, nbf: now - 10, jti: "x", prv: "23bd5c89" },
  },
  {
    issuer: "Rails, devise-jwt",
    claims: { ...times, sub: "1", scp: "user", jti: "uuid" },
  },
  { issuer: "the tutorial", claims: { user_id: 1, exp: now + 20 } },
  {
    issuer: "ONLYOFFICE",
    claims: {
      document: { key: "k", title: "a.docx" },
      editorConfig: { lang: "de" },
    },
  },
  {
    issuer: "Keycloak, its roles",
    claims: {
      ...times,
      azp: "web",
      resource_access: { web: { roles: ["a", "b"] } },
    },
  },
  {
    issuer: "Firebase, an anonymous user",
    claims: {
      ...times,
      auth_time: now,
      firebase: { identities: {}, sign_in_provider: "anonymous" },
    },
  },
];

/** Tokens of one kind, the clause that has them good, and its words on it. */
interface Group {
  readonly clause: string;
  readonly words: string;
  readonly forms: readonly Form[];
}

const good: readonly Group[] = [
  {
    clause: "RFC 7519 4.1.2a",
    words: "RFC 7519 4.1.2: the processing of sub is application specific",
    forms: subjects,
  },
  {
    clause: "RFC 7519 4.1.1a",
    words: "RFC 7519 4.1.1: the processing of iss is application specific",
    forms: issuers,
  },
  {
    clause: "RFC 7519 4.1.3a",
    words: "RFC 7519 4.1.3: what aud means is application specific",
    forms: audiences,
  },
  {
    clause: "RFC 7519 5.1c",
    words: "RFC 7519 5: the header is as the application has it",
    forms: headers,
  },
  {
    clause: "RFC 7519 7.2g",
    words: "RFC 7519 7.2: step 10 asks for one JSON object",
    forms: others,
  },
];

/** A name, a payload, a header or the plain one, a code and its clause. */
type Bad = readonly [string, string, string, string, string];

/** What is met, too, and is not what the RFCs have. */
const bad: readonly Bad[] = [
  [
    "devise-jwt, aud null",
    '{"sub":"1","aud":null}',
    "",
    "claim_type",
    "RFC 7519 4.1.3a",
  ],
  [
    "tymon/jwt-auth and Lemmy, sub a number",
    '{"sub":1}',
    "",
    "claim_type",
    "RFC 7519 4.1.2a",
  ],
  [
    "a kid that is a number",
    '{"sub":"1"}',
    '{"alg":"HS256","kid":1}',
    "malformed",
    "RFC 7515 4.1.4a",
  ],
  [
    "cty JWT over plain claims",
    '{"sub":"1"}',
    '{"alg":"HS256","cty":"JWT"}',
    "nested",
    "RFC 7519 5.2a",
  ],
];

function accepting({ clause, words, forms }: Group): readonly Case[] {
  return forms.flatMap(({ issuer, claims, header = plain, policy = {} }) => {
    const token = forge(JSON.stringify(claims), JSON.stringify(header));
    const ground = { clause, why: `${words}. So written by: ${issuer}.` };
    const more: More = { policy: { now, ...policy }, claims };
    return verifying("issuer", ground, [[issuer, token, "accept", more]]);
  });
}

function refusing([name, payload, header, code, clause]: Bad): readonly Case[] {
  const token = header === "" ? forge(payload) : forge(payload, header);
  const section = clause.replace(/[a-z]$/, "");
  const why = `${section}: so written by some, and not what is said there.`;
  return verifying("issuer", { clause, why }, [
    [name, token, code, { policy: { now } }],
  ]);
}

export const issuersTokens: readonly Case[] = [
  ...good.flatMap(accepting),
  ...bad.flatMap(refusing),
];
