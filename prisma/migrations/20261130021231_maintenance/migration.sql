-- CreateTable
CREATE TABLE "worker_requests" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "question" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answered_at" TIMESTAMPTZ(3),
    "answer" JSONB,
    "error" TEXT,

    CONSTRAINT "worker_requests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "worker_requests_asked_at_idx" ON "worker_requests"("asked_at");

-- What Prisma's schema language cannot say.
ALTER TABLE worker_requests
  ADD CONSTRAINT worker_requests_kind CHECK (kind IN ('EXCHANGES', 'RECONCILE'));
