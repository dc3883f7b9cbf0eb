-- CreateEnum
CREATE TYPE "AlertChannelKind" AS ENUM ('WEBHOOK', 'TELEGRAM');

-- CreateEnum
CREATE TYPE "AlertDeliveryStatus" AS ENUM ('PENDING', 'SENT', 'FAILED');

-- CreateEnum
CREATE TYPE "BacktestStatus" AS ENUM ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELED');

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "check_passes" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "next_reconcile_at" TIMESTAMPTZ(3),
ADD COLUMN     "reconcile_error" TEXT,
ADD COLUMN     "reconciled_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "bot_states" ADD COLUMN     "exit_purpose" "OrderPurpose",
ADD COLUMN     "exit_reason" TEXT,
ADD COLUMN     "notice_message" TEXT,
ADD COLUMN     "stop_failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "stop_notice" TEXT,
ADD COLUMN     "stop_retry_at" TIMESTAMPTZ(3),
ADD COLUMN     "stop_touched_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "fills" ADD COLUMN     "fee_value" DECIMAL(38,18);

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "origin" TEXT NOT NULL DEFAULT 'BOT';

-- AlterTable
ALTER TABLE "venues" ADD COLUMN     "status" TEXT NOT NULL DEFAULT 'OK',
ADD COLUMN     "status_message" TEXT,
ADD COLUMN     "status_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "bot_revisions" (
    "bot_id" BIGINT NOT NULL,
    "revision" INTEGER NOT NULL,
    "config" JSONB NOT NULL,
    "actor" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bot_revisions_pkey" PRIMARY KEY ("bot_id","revision")
);

-- CreateTable
CREATE TABLE "account_balances" (
    "api_key_id" BIGINT NOT NULL,
    "asset" TEXT NOT NULL,
    "free" DECIMAL(38,18) NOT NULL,
    "total" DECIMAL(38,18) NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_balances_pkey" PRIMARY KEY ("api_key_id","asset")
);

-- CreateTable
CREATE TABLE "reservations" (
    "id" BIGSERIAL NOT NULL,
    "api_key_id" BIGINT NOT NULL,
    "asset" TEXT NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "order_id" BIGINT NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "released_at" TIMESTAMPTZ(3),

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_markets" (
    "api_key_id" BIGINT NOT NULL,
    "symbol" TEXT NOT NULL,
    "checked_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_markets_pkey" PRIMARY KEY ("api_key_id","symbol")
);

-- CreateTable
CREATE TABLE "foreign_orders" (
    "api_key_id" BIGINT NOT NULL,
    "symbol" TEXT NOT NULL,
    "exchange_order_id" TEXT NOT NULL,
    "side" "OrderSide" NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "filled" DECIMAL(38,18) NOT NULL,
    "status" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "foreign_orders_pkey" PRIMARY KEY ("api_key_id","symbol","exchange_order_id")
);

-- CreateTable
CREATE TABLE "reconciliation_findings" (
    "bot_id" BIGINT NOT NULL,
    "subject" TEXT NOT NULL,
    "amount" DECIMAL(38,18),
    "message" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reconciliation_findings_pkey" PRIMARY KEY ("bot_id","subject")
);

-- CreateTable
CREATE TABLE "venue_limits" (
    "scope" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "used" INTEGER NOT NULL DEFAULT 0,
    "blocked_until" TIMESTAMPTZ(3),
    "blocked_reason" TEXT,

    CONSTRAINT "venue_limits_pkey" PRIMARY KEY ("scope")
);

-- CreateTable
CREATE TABLE "alert_channels" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "kind" "AlertChannelKind" NOT NULL,
    "name" TEXT NOT NULL,
    "target_hint" TEXT NOT NULL,
    "encrypted_target" TEXT NOT NULL,
    "kinds" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "last_sent_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_channels_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "bot_id" BIGINT,
    "kind" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_deliveries" (
    "id" BIGSERIAL NOT NULL,
    "alert_id" BIGINT NOT NULL,
    "channel_id" BIGINT NOT NULL,
    "status" "AlertDeliveryStatus" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "alert_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_cursors" (
    "user_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "alert_cursors_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "dead_workers" (
    "worker_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dead_workers_pkey" PRIMARY KEY ("worker_id")
);

-- CreateTable
CREATE TABLE "backtests" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "source" TEXT NOT NULL,
    "from_time" TIMESTAMPTZ(3),
    "to_time" TIMESTAMPTZ(3),
    "csv" TEXT,
    "status" "BacktestStatus" NOT NULL DEFAULT 'QUEUED',
    "phase" TEXT NOT NULL DEFAULT 'LOADING',
    "candles_total" INTEGER NOT NULL DEFAULT 0,
    "candles_done" INTEGER NOT NULL DEFAULT 0,
    "version" BIGINT NOT NULL DEFAULT 1,
    "summary" JSONB,
    "equity_curve" JSONB,
    "trades" JSONB,
    "error" TEXT,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "beat_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "backtests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "reservations_order_id_key" ON "reservations"("order_id");

-- CreateIndex
CREATE INDEX "orders_bot_id_created_at_idx" ON "orders"("bot_id", "created_at");

-- CreateIndex
CREATE INDEX "reservations_api_key_id_asset_idx" ON "reservations"("api_key_id", "asset");

-- CreateIndex
CREATE INDEX "alert_channels_user_id_idx" ON "alert_channels"("user_id");

-- CreateIndex
CREATE INDEX "alerts_user_id_id_idx" ON "alerts"("user_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "alert_deliveries_alert_id_channel_id_key" ON "alert_deliveries"("alert_id", "channel_id");

-- CreateIndex
CREATE INDEX "backtests_user_id_id_idx" ON "backtests"("user_id", "id");

-- AddForeignKey
ALTER TABLE "bot_revisions" ADD CONSTRAINT "bot_revisions_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_balances" ADD CONSTRAINT "account_balances_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservations" ADD CONSTRAINT "reservations_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_markets" ADD CONSTRAINT "account_markets_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "foreign_orders" ADD CONSTRAINT "foreign_orders_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reconciliation_findings" ADD CONSTRAINT "reconciliation_findings_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_channels" ADD CONSTRAINT "alert_channels_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_alert_id_fkey" FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "alert_channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_cursors" ADD CONSTRAINT "alert_cursors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtests" ADD CONSTRAINT "backtests_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.
ALTER TABLE orders
  ADD CONSTRAINT orders_origin CHECK (origin IN ('BOT', 'TAKEN_OVER', 'MANUAL')),
  ADD CONSTRAINT orders_type CHECK (type IN ('MARKET', 'LIMIT_IOC', 'STOP_LIMIT', 'OTHER')),
  ADD CONSTRAINT orders_stop CHECK (type <> 'STOP_LIMIT' OR (price > 0 AND stop_price > 0)),
  ADD CONSTRAINT orders_limit CHECK (type <> 'LIMIT_IOC' OR price > 0);

ALTER TABLE reservations
  ADD CONSTRAINT reservations_amount CHECK (amount > 0);

ALTER TABLE alert_channels
  ADD CONSTRAINT alert_channels_name CHECK (length(name) BETWEEN 1 AND 100);

ALTER TABLE backtests
  ADD CONSTRAINT backtests_name CHECK (length(name) BETWEEN 1 AND 100),
  ADD CONSTRAINT backtests_source CHECK (source IN ('DATABASE', 'CSV') AND (source = 'CSV' OR csv IS NULL)
    AND (source = 'DATABASE' OR csv IS NOT NULL OR status IN ('DONE', 'FAILED', 'CANCELED'))),
  ADD CONSTRAINT backtests_phase CHECK (phase IN ('LOADING', 'RUNNING')),
  ADD CONSTRAINT backtests_progress CHECK (candles_done >= 0 AND candles_total >= 0);

ALTER TABLE venues
  ADD CONSTRAINT venues_status CHECK (status IN ('OK', 'MAINTENANCE'));

-- Each tick asks for the bot's unsettled orders, whatever their purpose, and most bots have thousands that are settled.
CREATE INDEX orders_unsettled ON orders (bot_id, id)
  WHERE status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED');
CREATE INDEX reservations_open ON reservations (api_key_id, asset) WHERE released_at IS NULL;
-- The same trouble is one alert for as long as it lasts.
CREATE UNIQUE INDEX alerts_open ON alerts (user_id, dedupe_key) WHERE ended_at IS NULL;
CREATE INDEX alert_deliveries_due ON alert_deliveries (next_try_at) WHERE status = 'PENDING';
CREATE INDEX backtests_waiting ON backtests (id) WHERE status IN ('QUEUED', 'RUNNING');
CREATE INDEX api_keys_reconcile ON api_keys (next_reconcile_at) WHERE next_reconcile_at IS NOT NULL;
CREATE INDEX alert_deliveries_of_channel ON alert_deliveries (channel_id, next_try_at) WHERE status = 'PENDING';
-- What happened before alerts existed alerts nobody; whoever has no cursor yet is new and starts at their first event.
INSERT INTO alert_cursors (user_id, seq) SELECT user_id, last_seq FROM event_counters;
