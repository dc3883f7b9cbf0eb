-- DropIndex
DROP INDEX "reservations_api_key_id_asset_idx";

-- AlterTable
ALTER TABLE "account_balances" DROP CONSTRAINT "account_balances_pkey",
ADD COLUMN     "wallet" TEXT NOT NULL DEFAULT 'SPOT',
ADD CONSTRAINT "account_balances_pkey" PRIMARY KEY ("api_key_id", "wallet", "asset");

-- AlterTable
ALTER TABLE "bot_days" ADD COLUMN     "funding" DECIMAL(38,18) NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "bot_states" ADD COLUMN     "funded_until" TIMESTAMPTZ(3),
ADD COLUMN     "mark_price" DECIMAL(38,18);

-- AlterTable
ALTER TABLE "markets" ADD COLUMN     "liquidation_fee_perc" DECIMAL(38,18),
ADD COLUMN     "max_amount" DECIMAL(38,18),
ADD COLUMN     "maintenance_margin_perc" DECIMAL(38,18),
ADD COLUMN     "settle" TEXT,
ADD COLUMN     "volume_24h" DECIMAL(38,18),
ADD COLUMN     "volume_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "reduce_only" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "positions" ADD COLUMN     "funding" DECIMAL(38,18),
ADD COLUMN     "leverage" INTEGER,
ADD COLUMN     "margin" DECIMAL(38,18);

-- AlterTable
ALTER TABLE "reservations" ADD COLUMN     "wallet" TEXT NOT NULL DEFAULT 'SPOT';

-- AlterTable
ALTER TABLE "transfers" ADD COLUMN     "candidates" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "client_transfer_id" TEXT NOT NULL,
ADD COLUMN     "day" DATE,
ADD COLUMN     "error_code" TEXT,
ADD COLUMN     "next_settle_at" TIMESTAMPTZ(3),
ADD COLUMN     "not_found_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "order_id" BIGINT,
ADD COLUMN     "purpose" TEXT NOT NULL,
ADD COLUMN     "submit_deadline" TIMESTAMPTZ(3),
ADD COLUMN     "submitted_at" TIMESTAMPTZ(3),
ADD COLUMN     "unknown_since" TIMESTAMPTZ(3),
ALTER COLUMN "status" SET DEFAULT 'INTENDED';

-- AlterTable
ALTER TABLE "venues" ADD COLUMN     "asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "next_refresh_at" TIMESTAMPTZ(3),
ADD COLUMN     "stale_types" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "funding_payments" (
    "id" BIGSERIAL NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "position_id" BIGINT,
    "exchange" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "venue_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'FUNDING',
    "amount" DECIMAL(38,18) NOT NULL,
    "currency" TEXT NOT NULL,
    "paid_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "funding_payments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "venue_nonces" (
    "api_key_id" BIGINT NOT NULL,
    "last" BIGINT NOT NULL,

    CONSTRAINT "venue_nonces_pkey" PRIMARY KEY ("api_key_id")
);

-- CreateIndex
CREATE INDEX "funding_payments_bot_id_id_idx" ON "funding_payments"("bot_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "funding_payments_exchange_account_symbol_venue_id_key" ON "funding_payments"("exchange", "account", "symbol", "venue_id");

-- CreateIndex
CREATE INDEX "reservations_api_key_id_wallet_asset_idx" ON "reservations"("api_key_id", "wallet", "asset");

-- CreateIndex
CREATE UNIQUE INDEX "transfers_order_id_key" ON "transfers"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "transfers_client_transfer_id_key" ON "transfers"("client_transfer_id");

-- AddForeignKey
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "funding_payments" ADD CONSTRAINT "funding_payments_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "funding_payments" ADD CONSTRAINT "funding_payments_position_id_fkey" FOREIGN KEY ("position_id") REFERENCES "positions"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.
ALTER TABLE orders DROP CONSTRAINT orders_origin, DROP CONSTRAINT orders_type;
ALTER TABLE orders
  ADD CONSTRAINT orders_origin CHECK (origin IN ('BOT', 'TAKEN_OVER', 'MANUAL', 'LIQUIDATION')),
  ADD CONSTRAINT orders_type CHECK (type IN ('MARKET', 'LIMIT_IOC', 'STOP_LIMIT', 'STOP_MARKET', 'OTHER')),
  ADD CONSTRAINT orders_stop_market CHECK (type <> 'STOP_MARKET' OR stop_price > 0);

ALTER TABLE transfers
  ADD CONSTRAINT transfers_status CHECK (status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN', 'DONE', 'REFUSED', 'NOT_PLACED')),
  ADD CONSTRAINT transfers_purpose CHECK ((purpose = 'ENTRY' AND order_id IS NOT NULL AND day IS NULL) OR (purpose = 'DAY_END' AND day IS NOT NULL AND order_id IS NULL)),
  ADD CONSTRAINT transfers_wallets CHECK (from_wallet IN ('SPOT', 'FUTURES') AND to_wallet IN ('SPOT', 'FUTURES') AND from_wallet <> to_wallet),
  ADD CONSTRAINT transfers_amount CHECK (amount > 0);
-- One transfer in flight per key, and one a day's end.
CREATE UNIQUE INDEX transfers_in_flight ON transfers (api_key_id) WHERE status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN');
CREATE UNIQUE INDEX transfers_day_end ON transfers (bot_id, day) WHERE purpose = 'DAY_END';
CREATE INDEX transfers_due ON transfers (next_settle_at) WHERE next_settle_at IS NOT NULL;

ALTER TABLE funding_payments
  ADD CONSTRAINT funding_payments_kind CHECK (kind IN ('FUNDING', 'LIQUIDATION_FEE'));

ALTER TABLE account_balances
  ADD CONSTRAINT account_balances_wallet CHECK (wallet IN ('SPOT', 'FUTURES'));
ALTER TABLE reservations
  ADD CONSTRAINT reservations_wallet CHECK (wallet IN ('SPOT', 'FUTURES'));
DROP INDEX reservations_open;
CREATE INDEX reservations_open ON reservations (api_key_id, wallet, asset) WHERE released_at IS NULL;

ALTER TABLE positions
  ADD CONSTRAINT positions_futures CHECK ((leverage IS NULL) = (margin IS NULL) AND (leverage IS NULL) = (funding IS NULL) AND leverage BETWEEN 1 AND 125);

-- The venue knows one position per account and market: two bots on it would trade against each other.
CREATE UNIQUE INDEX bot_configs_one_futures_bot ON bot_configs (api_key_id, symbol)
  WHERE position_type = 'FUTURES' AND api_key_id IS NOT NULL AND deleted_at IS NULL;

-- Bots whose profit is moved back at the end of a day; the dispatcher looks for them each time.
CREATE INDEX bot_configs_sweeps ON bot_configs (id) WHERE auto_transfer_funds AND mode = 'LIVE' AND position_type = 'FUTURES' AND deleted_at IS NULL;

-- Venues that were read by hand so far are read by themselves from now on.
UPDATE venues SET next_refresh_at = now() WHERE refreshed_at IS NOT NULL;
