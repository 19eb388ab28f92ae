-- Runs and everything they commit. Documents are json, not jsonb: jsonb drops the sign of zero, cannot hold U+0000
-- (a byte-level tokenizer can produce it) and rewrites the text, over which recipes are hashed.
-- The schema clinicalgpt and clinicalgpt.schema_version are made by the migrator.

CREATE TABLE clinicalgpt.runs
(
    run_id      text        NOT NULL PRIMARY KEY,
    name        text        NOT NULL,
    recipe      json        NOT NULL,
    recipe_hash text        NOT NULL,
    status      text        NOT NULL DEFAULT 'Pending',
    reason      json        NULL,
    epoch       bigint      NOT NULL DEFAULT 0,
    progress    json        NULL,               -- what the next iteration starts from
    stage       text        NOT NULL DEFAULT '', -- of the last commit
    iteration   integer     NOT NULL DEFAULT 0,  -- the next one of that stage
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX runs_created ON clinicalgpt.runs (created_at DESC);

-- Counted before the work of an iteration begins, so that an iteration that ends its process leaves a trace.
CREATE TABLE clinicalgpt.attempts
(
    run_id    text    NOT NULL REFERENCES clinicalgpt.runs,
    stage     text    NOT NULL,
    iteration integer NOT NULL,
    attempts  integer NOT NULL,
    request   uuid    NOT NULL, -- of the last count: a repeated request is not counted again
    PRIMARY KEY (run_id, stage, iteration)
);

CREATE TABLE clinicalgpt.iterations
(
    run_id       text        NOT NULL REFERENCES clinicalgpt.runs,
    stage        text        NOT NULL,
    iteration    integer     NOT NULL,
    sequence     bigint      GENERATED ALWAYS AS IDENTITY, -- commit order
    epoch        bigint      NOT NULL,
    content_hash text        NOT NULL,                     -- over everything committed but timings
    metrics      json        NOT NULL,
    timings      json        NOT NULL,
    attempts     integer     NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, stage, iteration)
);

CREATE TABLE clinicalgpt.steps
(
    run_id    text    NOT NULL,
    stage     text    NOT NULL,
    iteration integer NOT NULL,
    position  integer NOT NULL,
    step      bigint  NOT NULL,
    document  json    NOT NULL,
    PRIMARY KEY (run_id, stage, iteration, position),
    FOREIGN KEY (run_id, stage, iteration) REFERENCES clinicalgpt.iterations
);

-- Every prompt given out for PPO: issued before the rollout, trained by the commit that used it.
CREATE TABLE clinicalgpt.ledger
(
    run_id       text           NOT NULL REFERENCES clinicalgpt.runs,
    iteration    integer        NOT NULL,
    sample_index integer        NOT NULL,
    record_id    text           NOT NULL,
    seed         numeric(20, 0) NOT NULL,
    trained      boolean        NOT NULL DEFAULT false,
    issued_at    timestamptz    NOT NULL DEFAULT clock_timestamp(),
    trained_at   timestamptz    NULL,
    PRIMARY KEY (run_id, iteration, sample_index)
);

CREATE TABLE clinicalgpt.samples
(
    run_id          text             NOT NULL,
    stage           text             NOT NULL,
    iteration       integer          NOT NULL,
    sample_index    integer          NOT NULL,
    record_id       text             NOT NULL,
    prompt          json             NOT NULL, -- a JSON string
    response        json             NOT NULL, -- a JSON string
    response_tokens integer          NOT NULL,
    score           double precision NOT NULL,
    reward          double precision NOT NULL,
    kl              double precision NOT NULL,
    finish_reason   text             NOT NULL,
    seed            numeric(20, 0)   NOT NULL,
    temperature     double precision NOT NULL,
    policy_hash     text             NOT NULL,
    reference_hash  text             NOT NULL,
    reward_hash     text             NOT NULL,
    PRIMARY KEY (run_id, iteration, sample_index, stage),
    FOREIGN KEY (run_id, stage, iteration) REFERENCES clinicalgpt.iterations
);

CREATE TABLE clinicalgpt.evaluations
(
    run_id    text    NOT NULL,
    stage     text    NOT NULL,
    iteration integer NOT NULL,
    name      text    NOT NULL,
    document  json    NOT NULL,
    PRIMARY KEY (run_id, stage, iteration),
    FOREIGN KEY (run_id, stage, iteration) REFERENCES clinicalgpt.iterations
);

-- Content-addressed bytes. A blob no commit refers to is garbage once it has not been touched for a while.
CREATE TABLE clinicalgpt.blobs
(
    hash       text        NOT NULL PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    length     bigint      NOT NULL,
    media_type text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE clinicalgpt.blob_chunks
(
    hash        text    NOT NULL REFERENCES clinicalgpt.blobs ON DELETE CASCADE,
    chunk_index integer NOT NULL,
    data        bytea   NOT NULL,
    PRIMARY KEY (hash, chunk_index)
);

-- Weights do not compress: do not try.
ALTER TABLE clinicalgpt.blob_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE clinicalgpt.blob_references
(
    run_id    text    NOT NULL,
    stage     text    NOT NULL,
    iteration integer NOT NULL,
    hash      text    NOT NULL REFERENCES clinicalgpt.blobs,
    PRIMARY KEY (run_id, stage, iteration, hash),
    FOREIGN KEY (run_id, stage, iteration) REFERENCES clinicalgpt.iterations
);

CREATE INDEX blob_references_hash ON clinicalgpt.blob_references (hash);

-- What happened to runs. Append only; a run need not exist for something to be written about it.
CREATE TABLE clinicalgpt.events
(
    sequence bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request  uuid        NOT NULL UNIQUE, -- a repeated append is one event
    run_id   text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind     text        NOT NULL,
    detail   text        NOT NULL
);

CREATE INDEX events_run ON clinicalgpt.events (run_id, sequence);
