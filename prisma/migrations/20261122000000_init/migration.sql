-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "BotStatus" AS ENUM ('STOPPED', 'PENDING', 'RUNNING', 'PAUSED', 'ERROR');

-- CreateEnum
CREATE TYPE "PauseReason" AS ENUM ('DAILY_TARGET', 'DAILY_LOSS', 'DAILY_TRADES', 'DRAWDOWN', 'MANUAL', 'RECONCILIATION');

-- CreateEnum
CREATE TYPE "BotMode" AS ENUM ('PAPER', 'LIVE');

-- CreateEnum
CREATE TYPE "PositionType" AS ENUM ('SPOT', 'FUTURES');

-- CreateEnum
CREATE TYPE "Direction" AS ENUM ('LONG', 'SHORT', 'BOTH');

-- CreateEnum
CREATE TYPE "OrderSide" AS ENUM ('BUY', 'SELL');

-- CreateEnum
CREATE TYPE "OrderPurpose" AS ENUM ('ENTRY', 'EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'CLOSE', 'PROTECTIVE_STOP');

-- CreateEnum
CREATE TYPE "OrderStatus" AS ENUM ('INTENDED', 'SUBMITTING', 'UNKNOWN', 'NOT_PLACED', 'OPEN', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED');

-- CreateEnum
CREATE TYPE "OpenPositionPolicy" AS ENUM ('CLOSE', 'KEEP');

-- CreateTable
CREATE TABLE "users" (
    "id" BIGSERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "username_key" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "halted_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_counters" (
    "user_id" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "event_counters_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "exchange" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "key_hint" TEXT NOT NULL,
    "encrypted_key" TEXT NOT NULL,
    "encrypted_secret" TEXT NOT NULL,
    "encrypted_passphrase" TEXT,
    "accept_withdraw" BOOLEAN NOT NULL DEFAULT false,
    "can_trade" BOOLEAN,
    "can_transfer" BOOLEAN,
    "can_withdraw" BOOLEAN,
    "checked_at" TIMESTAMPTZ(3),
    "check_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_configs" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "exchange" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "timeframe" TEXT NOT NULL,
    "mode" "BotMode" NOT NULL DEFAULT 'PAPER',
    "api_key_id" BIGINT,
    "is_active" BOOLEAN NOT NULL DEFAULT false,
    "initial_capital" DECIMAL(38,18) NOT NULL,
    "daily_target_perc" DECIMAL(38,18),
    "max_daily_loss_perc" DECIMAL(38,18),
    "max_daily_trades" INTEGER,
    "on_daily_limit" "OpenPositionPolicy" NOT NULL DEFAULT 'KEEP',
    "resume_next_day" BOOLEAN NOT NULL DEFAULT true,
    "max_drawdown_perc" DECIMAL(38,18),
    "position_size_fixed" DECIMAL(38,18) NOT NULL,
    "stop_loss_perc" DECIMAL(38,18) NOT NULL,
    "take_profit_perc" DECIMAL(38,18) NOT NULL,
    "trailing_stop_perc" DECIMAL(38,18),
    "paper_fee_perc" DECIMAL(38,18) NOT NULL DEFAULT 0.1,
    "paper_slippage_perc" DECIMAL(38,18) NOT NULL DEFAULT 0.05,
    "ema_fast" INTEGER NOT NULL DEFAULT 12,
    "ema_slow" INTEGER NOT NULL DEFAULT 26,
    "rsi_period" INTEGER NOT NULL DEFAULT 14,
    "rsi_overbought" DECIMAL(38,18) NOT NULL DEFAULT 70,
    "rsi_oversold" DECIMAL(38,18) NOT NULL DEFAULT 30,
    "strategy" TEXT NOT NULL DEFAULT 'EMA_RSI',
    "strategy_params" JSONB NOT NULL DEFAULT '[]',
    "position_type" "PositionType" NOT NULL DEFAULT 'SPOT',
    "direction" "Direction" NOT NULL DEFAULT 'LONG',
    "leverage" INTEGER NOT NULL DEFAULT 1,
    "transfer_amount" DECIMAL(38,18),
    "auto_transfer_funds" BOOLEAN NOT NULL DEFAULT false,
    "check_interval_seconds" INTEGER NOT NULL DEFAULT 30,
    "cooldown_seconds" INTEGER,
    "max_order_value" DECIMAL(38,18),
    "max_orders_per_minute" INTEGER,
    "price_collar_perc" DECIMAL(38,18),
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "bot_configs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_states" (
    "bot_id" BIGINT NOT NULL,
    "status" "BotStatus" NOT NULL DEFAULT 'STOPPED',
    "pause_reason" "PauseReason",
    "pause_day" DATE,
    "error_code" TEXT,
    "error_message" TEXT,
    "closing" BOOLEAN NOT NULL DEFAULT false,
    "deleting" BOOLEAN NOT NULL DEFAULT false,
    "close_policy" "OpenPositionPolicy",
    "version" BIGINT NOT NULL DEFAULT 1,
    "daily_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "daily_trade_count" INTEGER NOT NULL DEFAULT 0,
    "total_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "realized_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "equity" DECIMAL(38,18) NOT NULL,
    "peak_equity" DECIMAL(38,18) NOT NULL,
    "last_price" DECIMAL(38,18),
    "last_signal" TEXT,
    "last_candle_at" TIMESTAMPTZ(3),
    "last_tick_at" TIMESTAMPTZ(3),
    "next_tick_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "exit_failures" INTEGER NOT NULL DEFAULT 0,
    "exit_retry_at" TIMESTAMPTZ(3),
    "cooldown_until" TIMESTAMPTZ(3),
    "notice" TEXT,
    "dust_amount" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "dust_cost" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bot_states_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "positions" (
    "id" BIGSERIAL NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "side" "OrderSide" NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "average_price" DECIMAL(38,18) NOT NULL,
    "entry_amount" DECIMAL(38,18) NOT NULL,
    "entry_notional" DECIMAL(38,18) NOT NULL,
    "cost" DECIMAL(38,18) NOT NULL,
    "realized_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "best_price" DECIMAL(38,18) NOT NULL,
    "stop_loss_price" DECIMAL(38,18),
    "take_profit_price" DECIMAL(38,18),
    "liquidation_price" DECIMAL(38,18),
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "positions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" BIGSERIAL NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "api_key_id" BIGINT,
    "exchange" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "mode" "BotMode" NOT NULL,
    "revision" INTEGER NOT NULL,
    "position_id" BIGINT,
    "client_order_id" TEXT NOT NULL,
    "exchange_order_id" TEXT,
    "side" "OrderSide" NOT NULL,
    "purpose" "OrderPurpose" NOT NULL,
    "type" TEXT NOT NULL DEFAULT 'MARKET',
    "status" "OrderStatus" NOT NULL DEFAULT 'INTENDED',
    "amount" DECIMAL(38,18) NOT NULL,
    "price" DECIMAL(38,18),
    "stop_price" DECIMAL(38,18),
    "reference_price" DECIMAL(38,18) NOT NULL,
    "filled" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "average_price" DECIMAL(38,18),
    "reason" TEXT NOT NULL,
    "error_code" TEXT,
    "error_message" TEXT,
    "signal_candle_at" TIMESTAMPTZ(3),
    "submitted_at" TIMESTAMPTZ(3),
    "submit_deadline" TIMESTAMPTZ(3),
    "next_settle_at" TIMESTAMPTZ(3),
    "not_found_count" INTEGER NOT NULL DEFAULT 0,
    "unknown_since" TIMESTAMPTZ(3),
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "fills" (
    "id" BIGSERIAL NOT NULL,
    "order_id" BIGINT NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "exchange" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "exchange_order_id" TEXT NOT NULL,
    "trade_id" TEXT NOT NULL,
    "side" "OrderSide" NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "price" DECIMAL(38,18) NOT NULL,
    "fee" DECIMAL(38,18) NOT NULL,
    "fee_currency" TEXT NOT NULL,
    "realized_pnl" DECIMAL(38,18),
    "executed_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fills_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transfers" (
    "id" BIGSERIAL NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "api_key_id" BIGINT NOT NULL,
    "from_wallet" TEXT NOT NULL,
    "to_wallet" TEXT NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "currency" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "exchange_transfer_id" TEXT,
    "error_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_days" (
    "bot_id" BIGINT NOT NULL,
    "day" DATE NOT NULL,
    "start_equity" DECIMAL(38,18) NOT NULL,
    "realized_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "unrealized_pnl" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "fees" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "trade_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "bot_days_pkey" PRIMARY KEY ("bot_id","day")
);

-- CreateTable
CREATE TABLE "bot_events" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "command" TEXT,
    "from_status" "BotStatus",
    "to_status" "BotStatus",
    "actor" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bot_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "candles" (
    "exchange" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "timeframe" TEXT NOT NULL,
    "open_time" TIMESTAMPTZ(3) NOT NULL,
    "closed" BOOLEAN NOT NULL,
    "open" DECIMAL(38,18) NOT NULL,
    "high" DECIMAL(38,18) NOT NULL,
    "low" DECIMAL(38,18) NOT NULL,
    "close" DECIMAL(38,18) NOT NULL,
    "volume" DECIMAL(38,18) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "candles_pkey" PRIMARY KEY ("exchange","symbol","timeframe","open_time")
);

-- CreateTable
CREATE TABLE "candle_series" (
    "exchange" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "timeframe" TEXT NOT NULL,
    "wanted_until" TIMESTAMPTZ(3),
    "refreshed_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "candle_series_pkey" PRIMARY KEY ("exchange","symbol","timeframe")
);

-- CreateTable
CREATE TABLE "markets" (
    "exchange" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "base" TEXT NOT NULL,
    "quote" TEXT NOT NULL,
    "type" "PositionType" NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "price_tick" DECIMAL(38,18),
    "amount_step" DECIMAL(38,18),
    "min_amount" DECIMAL(38,18),
    "min_cost" DECIMAL(38,18),
    "max_leverage" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "markets_pkey" PRIMARY KEY ("exchange","symbol")
);

-- CreateTable
CREATE TABLE "venues" (
    "exchange" TEXT NOT NULL,
    "timeframes" TEXT[],
    "refreshed_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "venues_pkey" PRIMARY KEY ("exchange")
);

-- CreateTable
CREATE TABLE "worker_heartbeats" (
    "worker_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,
    "last_job_at" TIMESTAMPTZ(3),
    "jobs_done" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "worker_heartbeats_pkey" PRIMARY KEY ("worker_id")
);

-- CreateTable
CREATE TABLE "settings" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "clock_shift" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seconds" DECIMAL(18,6) NOT NULL DEFAULT 0,

    CONSTRAINT "clock_shift_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key_key" ON "users"("username_key");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "api_tokens_user_id_idx" ON "api_tokens"("user_id");

-- CreateIndex
CREATE INDEX "api_keys_user_id_idx" ON "api_keys"("user_id");

-- CreateIndex
CREATE INDEX "bot_configs_user_id_id_idx" ON "bot_configs"("user_id", "id");

-- CreateIndex
CREATE INDEX "bot_configs_api_key_id_idx" ON "bot_configs"("api_key_id");

-- CreateIndex
CREATE INDEX "positions_bot_id_closed_at_idx" ON "positions"("bot_id", "closed_at");

-- CreateIndex
CREATE UNIQUE INDEX "orders_client_order_id_key" ON "orders"("client_order_id");

-- CreateIndex
CREATE INDEX "orders_bot_id_id_idx" ON "orders"("bot_id", "id");

-- CreateIndex
CREATE INDEX "orders_exchange_order_id_idx" ON "orders"("exchange_order_id");

-- CreateIndex
CREATE INDEX "fills_bot_id_id_idx" ON "fills"("bot_id", "id");

-- CreateIndex
CREATE INDEX "fills_order_id_idx" ON "fills"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "fills_exchange_account_symbol_exchange_order_id_trade_id_key" ON "fills"("exchange", "account", "symbol", "exchange_order_id", "trade_id");

-- CreateIndex
CREATE INDEX "transfers_bot_id_id_idx" ON "transfers"("bot_id", "id");

-- CreateIndex
CREATE INDEX "transfers_api_key_id_idx" ON "transfers"("api_key_id");

-- CreateIndex
CREATE INDEX "bot_events_bot_id_id_idx" ON "bot_events"("bot_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "bot_events_user_id_seq_key" ON "bot_events"("user_id", "seq");

-- AddForeignKey
ALTER TABLE "event_counters" ADD CONSTRAINT "event_counters_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_configs" ADD CONSTRAINT "bot_configs_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_configs" ADD CONSTRAINT "bot_configs_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_states" ADD CONSTRAINT "bot_states_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "positions" ADD CONSTRAINT "positions_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_position_id_fkey" FOREIGN KEY ("position_id") REFERENCES "positions"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fills" ADD CONSTRAINT "fills_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fills" ADD CONSTRAINT "fills_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_days" ADD CONSTRAINT "bot_days_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_events" ADD CONSTRAINT "bot_events_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bot_events" ADD CONSTRAINT "bot_events_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "bot_configs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
