/** Two tables and an enum as an earlier migration left them, for the examples below. */
export const before = `
CREATE TYPE mood AS ENUM ('GOOD', 'BAD');
CREATE TABLE bots (id bigserial PRIMARY KEY, name text NOT NULL, paused boolean NOT NULL DEFAULT false);
CREATE TABLE orders (id bigserial PRIMARY KEY, bot_id bigint NOT NULL REFERENCES bots (id) ON DELETE CASCADE ON UPDATE CASCADE, status text NOT NULL, CONSTRAINT orders_status CHECK (status IN ('OPEN', 'DONE')));
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
INSERT INTO bots (name) VALUES ('first');
INSERT INTO orders (bot_id, status) VALUES (1, 'OPEN');`

/** What the release before does to them. After an expanding migration each of it works as it did. */
export const asBefore = `
INSERT INTO bots (name) VALUES ('second'), ('third');
INSERT INTO orders (bot_id, status) SELECT id, 'OPEN' FROM bots;
UPDATE orders SET status = 'DONE';
UPDATE bots SET paused = NOT paused, id = id + 1000;
DELETE FROM bots WHERE name = 'second';
DELETE FROM orders;
DELETE FROM bots;`

/** Migrations that only expand. */
export const expanding: Record<string, string> = {
  'nothing but comments': '-- AlterTable\n/* nothing */',
  'a table': `CREATE TABLE notes (id bigserial PRIMARY KEY, at timestamptz(3) NOT NULL DEFAULT now(), kind mood, text text UNIQUE CHECK (text <> ''))`,
  'a table that refers to one that was there, and goes with it':
    'CREATE TABLE notes (bot_id bigint NOT NULL REFERENCES bots (id) ON DELETE CASCADE ON UPDATE CASCADE); INSERT INTO notes SELECT id FROM bots',
  'a table in the order in which Prisma writes': `CREATE TABLE "notes" ("id" BIGSERIAL NOT NULL, "bot_id" BIGINT NOT NULL, CONSTRAINT "notes_pkey" PRIMARY KEY ("id"));
    CREATE UNIQUE INDEX "notes_bot_id_key" ON "notes"("bot_id");
    ALTER TABLE "notes" ADD CONSTRAINT "notes_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bots"("id") ON DELETE CASCADE ON UPDATE CASCADE;`,
  'changes to a table of its own':
    'CREATE TABLE notes (a int, b int); ALTER TABLE notes ALTER a SET NOT NULL, ALTER b SET DEFAULT 3, ADD COLUMN c int NOT NULL, ADD CHECK (a > b)',
  'a nullable column': 'ALTER TABLE bots ADD COLUMN nick text',
  'a column with a constant default': `ALTER TABLE bots ADD COLUMN wallet text NOT NULL DEFAULT 'SPOT', ADD COLUMN seen timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY[]::text[]`,
  'a column of an enum': `CREATE TYPE size AS ENUM ('S', 'L'); ALTER TABLE bots ADD COLUMN size size, ADD COLUMN mood mood NOT NULL DEFAULT 'GOOD'`,
  'a check that NULL passes':
    'ALTER TABLE bots ADD COLUMN leverage int CHECK (leverage BETWEEN 1 AND 125 AND leverage <> 13)',
  'a check that the default passes': `ALTER TABLE bots ADD COLUMN wallet text NOT NULL DEFAULT 'SPOT', ADD COLUMN lot int NOT NULL DEFAULT 1;
    ALTER TABLE bots ADD CONSTRAINT w CHECK (wallet IN ('FUTURES', 'SPOT') AND lot >= 1), ADD CONSTRAINT n CHECK (wallet IS NOT NULL OR lot > 7 OR lot = 1)`,
  'a unique index over a column that old rows leave empty':
    'ALTER TABLE orders ADD COLUMN client_id text; CREATE UNIQUE INDEX orders_client ON orders (bot_id, client_id)',
  'a unique constraint on such a column': 'ALTER TABLE orders ADD COLUMN client_id text UNIQUE',
  'a reference from such a column, to a table of its own':
    'CREATE TABLE groups (id int PRIMARY KEY); ALTER TABLE bots ADD COLUMN group_id int REFERENCES groups (id)',
  'a reference from such a column, that is emptied':
    'ALTER TABLE bots ADD COLUMN last_order bigint; ALTER TABLE bots ADD CONSTRAINT l FOREIGN KEY (last_order) REFERENCES orders (id) ON DELETE SET NULL ON UPDATE CASCADE',
  'an index': `CREATE INDEX orders_open ON orders (bot_id, status) WHERE status = 'OPEN' AND bot_id IS NOT NULL`,
  'a function, a table and its trigger':
    'CREATE TABLE notes (a int); CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER l BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION look()',
  'a view': 'CREATE VIEW open_orders AS SELECT id, lower(status) FROM orders',
  'a sequence': 'CREATE SEQUENCE ticks',
  'a comment': `COMMENT ON COLUMN bots.name IS 'as people say it'`,
  'rows of a table of its own': `CREATE TABLE kinds (name text, at timestamptz DEFAULT now()); INSERT INTO kinds (name) VALUES (lower('A')), ('b')`,
}

/** Migrations that the release before might not survive, with what is said of it. */
export const contracting: Record<string, [sql: string, reason: RegExp]> = {
  'a table dropped': ['DROP TABLE orders', /no rule/],
  'an index dropped': ['DROP INDEX orders_pkey', /no rule/],
  'a column dropped': ['ALTER TABLE bots DROP COLUMN name', /takes away/],
  'a column renamed': ['ALTER TABLE bots RENAME COLUMN name TO title', /no rule/],
  'a table renamed': ['ALTER TABLE bots RENAME TO robots', /no rule/],
  'a type changed': ['ALTER TABLE orders ALTER COLUMN status TYPE varchar(4)', /no rule/],
  'NOT NULL on a column that was there': ['ALTER TABLE bots ALTER COLUMN paused SET NOT NULL', /no rule/],
  'NULL where there was none': ['ALTER TABLE bots ALTER COLUMN name DROP NOT NULL', /takes away/],
  'another default': ['ALTER TABLE bots ALTER COLUMN paused SET DEFAULT true', /no rule/],
  'a required column': ['ALTER TABLE bots ADD COLUMN nick text NOT NULL', /without nick, which is NOT NULL/],
  'a required column with NULL for default': [
    'ALTER TABLE bots ADD COLUMN nick text NOT NULL DEFAULT NULL::text',
    /without nick/,
  ],
  'a default that is computed': ['ALTER TABLE bots ADD COLUMN r float8 DEFAULT random()', /not a constant/],
  'a column that may be there': ['ALTER TABLE bots ADD COLUMN IF NOT EXISTS name int', /no rule/],
  'a column of a domain': [
    'CREATE DOMAIN positive AS int NOT NULL; ALTER TABLE bots ADD COLUMN p positive',
    /no rule/,
  ],
  'a column of an unknown type': ['ALTER TABLE bots ADD COLUMN p positive', /the type of p/],
  'a generated column': [
    'ALTER TABLE bots ADD COLUMN g int GENERATED ALWAYS AS (1 / length(name)) STORED',
    /may refuse/,
  ],
  'a primary key': ['ALTER TABLE bots ADD COLUMN g bigint PRIMARY KEY', /may refuse/],
  'a check on what was there': [`ALTER TABLE bots ADD CHECK (name <> 'second')`, /may refuse/],
  'a check not validated, for new rows obey it': [
    `ALTER TABLE bots ADD CONSTRAINT n CHECK (name <> 'second') NOT VALID`,
    /may refuse/,
  ],
  'a check that NULL does not pass': [
    'ALTER TABLE bots ADD COLUMN nick text CHECK (nick IS NOT NULL)',
    /may refuse/,
  ],
  'a check that the default does not pass': [
    `ALTER TABLE bots ADD COLUMN wallet text DEFAULT 'X' CHECK (wallet IN ('A', 'B'))`,
    /may refuse/,
  ],
  'a check that a number does not pass': [
    'ALTER TABLE bots ADD COLUMN lot int DEFAULT 0 CHECK (lot >= 1)',
    /may refuse/,
  ],
  'a check that is false by itself': [
    'ALTER TABLE bots ADD COLUMN nick text CHECK (nick = $$a$$ OR 1 = 2); ALTER TABLE bots ADD CHECK (NOT 1 = 1)',
    /may refuse/,
  ],
  'a check of a column that was there beside a new one': [
    `ALTER TABLE bots ADD COLUMN nick text CHECK (nick <> name)`,
    /may refuse/,
  ],
  'a check widened, which cannot be told from one narrowed': [
    `ALTER TABLE orders DROP CONSTRAINT orders_status; ALTER TABLE orders ADD CONSTRAINT orders_status CHECK (status IN ('OPEN', 'DONE', 'X'))`,
    /takes away/,
  ],
  'a unique index on what was there': ['CREATE UNIQUE INDEX one_order ON orders (bot_id)', /may refuse/],
  'a unique index on a column with a default': [
    'ALTER TABLE orders ADD COLUMN c int DEFAULT 1; CREATE UNIQUE INDEX o ON orders (c)',
    /may refuse/,
  ],
  'a unique index in which NULLs are equal': [
    'ALTER TABLE orders ADD COLUMN c int; CREATE UNIQUE INDEX o ON orders (c) NULLS NOT DISTINCT',
    /may refuse/,
  ],
  'an index over an expression': ['CREATE INDEX o ON orders ((1 / (id - 7)))', /expression may fail/],
  'an index with a condition that fails': [
    'CREATE INDEX o ON orders (bot_id) WHERE 1 / (id - 7) > 0',
    /condition may fail/,
  ],
  'an index made beside the transaction': ['CREATE INDEX CONCURRENTLY o ON orders (bot_id)', /no rule/],
  'a table that keeps rows from being deleted': [
    'CREATE TABLE notes (bot_id bigint REFERENCES bots (id))',
    /keep the release before from deleting/,
  ],
  'a table that keeps keys from being changed': [
    'CREATE TABLE notes (bot_id bigint REFERENCES bots (id) ON DELETE CASCADE)',
    /from changing keys/,
  ],
  'rows that vanish along': [
    'ALTER TABLE bots ADD COLUMN last_order bigint REFERENCES orders (id) ON DELETE CASCADE ON UPDATE CASCADE',
    /delete others along/,
  ],
  'a reference from what was there': [
    'CREATE TABLE g (id bigint PRIMARY KEY); ALTER TABLE bots ADD FOREIGN KEY (id) REFERENCES g (id)',
    /may refuse/,
  ],
  'a child of a table that was there': ['CREATE TABLE more_bots () INHERITS (bots)', /no rule/],
  'a table that may be there': ['CREATE TABLE IF NOT EXISTS bots (id int)', /may be there/],
  'a table in another schema': ['CREATE TABLE pg_temp.bots (id int)', /no rule/],
  'a temporary table': ['CREATE TEMP TABLE bots (id int)', /no rule/],
  'a schema': ['CREATE SCHEMA tradebot', /no rule/],
  'a trigger on what was there': [
    'CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch()',
    /acts on what/,
  ],
  'a function replaced': [
    'CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
    /may replace/,
  ],
  'a function of the same name': [
    'CREATE FUNCTION touch(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    /already/,
  ],
  'a view replaced': ['CREATE OR REPLACE VIEW v AS SELECT 1', /no rule/],
  'rows changed': [`UPDATE bots SET paused = true`, /no rule/],
  'rows deleted': ['DELETE FROM orders', /no rule/],
  'rows added to what was there': [`INSERT INTO bots (name) VALUES ('x')`, /writes rows into bots/],
  'rows moved': ['CREATE TABLE old (LIKE orders)', /no rule/],
  'rows moved on the way': [
    'CREATE TABLE old (id bigint); WITH gone AS (DELETE FROM orders RETURNING id) INSERT INTO old SELECT id FROM gone',
    /changes or locks/,
  ],
  'rows through a trigger': [
    'CREATE TABLE a (x int); CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION touch(); INSERT INTO a VALUES (1)',
    /trigger of a/,
  ],
  'rows through a default': [
    'CREATE FUNCTION boom() RETURNS int LANGUAGE sql AS $$ DELETE FROM orders RETURNING 1 $$; CREATE TABLE a (x int DEFAULT boom()); INSERT INTO a DEFAULT VALUES',
    /may call boom/,
  ],
  'a block of code': ['DO $$ BEGIN DELETE FROM orders; END $$', /no rule/],
  'a query that acts': [`SELECT setval('bots_id_seq', 1)`, /no rule/],
  'a value of an enum renamed': [`ALTER TYPE mood RENAME VALUE 'BAD' TO 'POOR'`, /cannot read/],
  'a value of an enum': [`ALTER TYPE mood ADD VALUE 'FAIR'`, /cannot read rows/],
  'a setting': ['SET search_path = elsewhere', /no rule/],
  'a transaction': ['COMMIT', /no rule/],
  rights: ['REVOKE INSERT ON orders FROM public', /no rule/],
  'row security': ['ALTER TABLE orders ENABLE ROW LEVEL SECURITY', /no rule/],
  'what is no SQL': ['EXPAND EVERYTHING', /syntax error/],
}
