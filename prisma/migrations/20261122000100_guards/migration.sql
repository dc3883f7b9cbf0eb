-- What Prisma's schema language cannot say: the clock, ranges, the lifecycle, and the partial indexes that order safety rests on.

-- The one clock that processes compare. Tests shift it by the one row of clock_shift.
INSERT INTO clock_shift (id, seconds) VALUES (1, 0);
ALTER TABLE clock_shift ADD CONSTRAINT clock_shift_one_row CHECK (id = 1);

CREATE FUNCTION tradebot_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT clock_timestamp() + make_interval(secs => (SELECT seconds::double precision FROM clock_shift WHERE id = 1))
$$;

CREATE FUNCTION tradebot_today() RETURNS date LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT (tradebot_now() AT TIME ZONE 'UTC')::date
$$;

-- Ranges: the same as trading/domain/bot-config.ts validates (a test holds the two together).
ALTER TABLE users
  ADD CONSTRAINT users_email_lower CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  ADD CONSTRAINT users_username_length CHECK (length(username) BETWEEN 3 AND 40);

ALTER TABLE api_keys
  ADD CONSTRAINT api_keys_label_length CHECK (length(label) BETWEEN 1 AND 100);

ALTER TABLE api_tokens
  ADD CONSTRAINT api_tokens_name_length CHECK (length(name) BETWEEN 1 AND 100);

ALTER TABLE bot_configs
  ADD CONSTRAINT bot_configs_name CHECK (length(name) BETWEEN 1 AND 100),
  ADD CONSTRAINT bot_configs_initial_capital CHECK (initial_capital > 0 AND initial_capital <= 1000000000000),
  ADD CONSTRAINT bot_configs_daily_target_perc CHECK (daily_target_perc > 0 AND daily_target_perc <= 1000),
  ADD CONSTRAINT bot_configs_max_daily_loss_perc CHECK (max_daily_loss_perc > 0 AND max_daily_loss_perc <= 100),
  ADD CONSTRAINT bot_configs_max_daily_trades CHECK (max_daily_trades BETWEEN 1 AND 10000),
  ADD CONSTRAINT bot_configs_max_drawdown_perc CHECK (max_drawdown_perc > 0 AND max_drawdown_perc <= 100),
  ADD CONSTRAINT bot_configs_position_size_fixed CHECK (position_size_fixed > 0 AND position_size_fixed <= initial_capital),
  ADD CONSTRAINT bot_configs_stop_loss_perc CHECK (stop_loss_perc > 0 AND stop_loss_perc < 100),
  ADD CONSTRAINT bot_configs_take_profit_perc CHECK (take_profit_perc >= 0 AND take_profit_perc <= 1000),
  ADD CONSTRAINT bot_configs_trailing_stop_perc CHECK (trailing_stop_perc > 0 AND trailing_stop_perc < 100),
  ADD CONSTRAINT bot_configs_paper_fee_perc CHECK (paper_fee_perc >= 0 AND paper_fee_perc <= 10),
  ADD CONSTRAINT bot_configs_paper_slippage_perc CHECK (paper_slippage_perc >= 0 AND paper_slippage_perc <= 10),
  ADD CONSTRAINT bot_configs_ema_fast CHECK (ema_fast BETWEEN 1 AND 500),
  ADD CONSTRAINT bot_configs_ema_slow CHECK (ema_slow BETWEEN 2 AND 1000 AND ema_slow > ema_fast),
  ADD CONSTRAINT bot_configs_rsi_period CHECK (rsi_period BETWEEN 2 AND 500),
  ADD CONSTRAINT bot_configs_rsi_overbought CHECK (rsi_overbought > 0 AND rsi_overbought <= 100),
  ADD CONSTRAINT bot_configs_rsi_oversold CHECK (rsi_oversold >= 0 AND rsi_oversold < 100 AND rsi_oversold < rsi_overbought),
  ADD CONSTRAINT bot_configs_strategy CHECK (length(strategy) BETWEEN 1 AND 50),
  ADD CONSTRAINT bot_configs_strategy_params CHECK (jsonb_typeof(strategy_params) = 'array'),
  ADD CONSTRAINT bot_configs_leverage CHECK (leverage BETWEEN 1 AND 125),
  ADD CONSTRAINT bot_configs_spot CHECK (position_type <> 'SPOT' OR (leverage = 1 AND direction = 'LONG' AND NOT auto_transfer_funds)),
  ADD CONSTRAINT bot_configs_transfer_amount CHECK (transfer_amount > 0 AND transfer_amount <= 1000000000000),
  ADD CONSTRAINT bot_configs_auto_transfer CHECK (NOT auto_transfer_funds OR transfer_amount IS NOT NULL),
  ADD CONSTRAINT bot_configs_check_interval CHECK (check_interval_seconds BETWEEN 1 AND 86400 AND (check_interval_seconds >= 30 OR exchange = 'sandbox')),
  ADD CONSTRAINT bot_configs_cooldown CHECK (cooldown_seconds BETWEEN 0 AND 604800),
  ADD CONSTRAINT bot_configs_max_order_value CHECK (max_order_value > 0 AND max_order_value <= 1000000000000),
  ADD CONSTRAINT bot_configs_max_orders_per_minute CHECK (max_orders_per_minute BETWEEN 1 AND 600),
  ADD CONSTRAINT bot_configs_price_collar_perc CHECK (price_collar_perc > 0 AND price_collar_perc <= 100),
  ADD CONSTRAINT bot_configs_revision CHECK (revision >= 1);

ALTER TABLE bot_states
  ADD CONSTRAINT bot_states_pause CHECK ((status = 'PAUSED') = (pause_reason IS NOT NULL)),
  ADD CONSTRAINT bot_states_pause_day CHECK ((pause_day IS NOT NULL) = (pause_reason IS NOT NULL AND pause_reason::text LIKE 'DAILY%')),
  ADD CONSTRAINT bot_states_error CHECK ((status = 'ERROR') <= (error_code IS NOT NULL AND error_message IS NOT NULL)),
  ADD CONSTRAINT bot_states_trade_count CHECK (daily_trade_count >= 0),
  ADD CONSTRAINT bot_states_dust CHECK (dust_amount >= 0);

ALTER TABLE positions
  ADD CONSTRAINT positions_amount CHECK (amount >= 0 AND average_price >= 0),
  ADD CONSTRAINT positions_closed CHECK (closed_at IS NULL OR amount = 0);

ALTER TABLE orders
  ADD CONSTRAINT orders_amount CHECK (amount > 0 AND filled >= 0),
  ADD CONSTRAINT orders_live_key CHECK (mode = 'PAPER' OR api_key_id IS NOT NULL),
  ADD CONSTRAINT orders_entry_candle CHECK (purpose <> 'ENTRY' OR signal_candle_at IS NOT NULL);

ALTER TABLE fills
  ADD CONSTRAINT fills_amount CHECK (amount > 0 AND price > 0);

ALTER TABLE bot_days
  ADD CONSTRAINT bot_days_counts CHECK (trade_count >= 0);

-- A bot has at most one unsettled order of any purpose; a resting protective stop is apart.
CREATE UNIQUE INDEX orders_one_unsettled ON orders (bot_id)
  WHERE status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED') AND purpose <> 'PROTECTIVE_STOP';
CREATE UNIQUE INDEX orders_one_protective_stop ON orders (bot_id)
  WHERE status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED') AND purpose = 'PROTECTIVE_STOP';
-- A candle is spent whatever became of its order.
CREATE UNIQUE INDEX orders_one_entry_per_candle ON orders (bot_id, signal_candle_at) WHERE purpose = 'ENTRY';
CREATE UNIQUE INDEX positions_one_open ON positions (bot_id) WHERE closed_at IS NULL;
-- What the dispatcher looks for four times a second.
CREATE INDEX bot_states_due ON bot_states (next_tick_at) WHERE next_tick_at IS NOT NULL;
CREATE INDEX orders_due ON orders (next_settle_at) WHERE next_settle_at IS NOT NULL;

-- The lifecycle (trading/domain/bot-lifecycle.ts) once more, so that no bug and no psql session can make an illegal transition.
-- A test compares these pairs with the table in the code.
CREATE FUNCTION bot_status_may_change(old_status "BotStatus", new_status "BotStatus") RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT old_status = new_status OR (old_status::text, new_status::text) IN (
    ('STOPPED', 'PENDING'),
    ('PENDING', 'RUNNING'), ('PENDING', 'STOPPED'), ('PENDING', 'ERROR'),
    ('RUNNING', 'PAUSED'), ('RUNNING', 'STOPPED'), ('RUNNING', 'ERROR'),
    ('PAUSED', 'RUNNING'), ('PAUSED', 'STOPPED'), ('PAUSED', 'ERROR'),
    ('ERROR', 'STOPPED')
  )
$$;

CREATE FUNCTION guard_bot_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'STOPPED' THEN
      RAISE EXCEPTION 'a new bot is STOPPED, not %', NEW.status USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_lifecycle';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT bot_status_may_change(OLD.status, NEW.status) THEN
    RAISE EXCEPTION 'bot %: % to % is not a transition of the lifecycle', OLD.bot_id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_lifecycle';
  END IF;
  IF OLD.status = 'PAUSED' AND NEW.status = 'RUNNING' AND OLD.pause_day IS NOT NULL AND OLD.pause_day >= tradebot_today() THEN
    RAISE EXCEPTION 'bot %: a % pause of today lasts until the next UTC day', OLD.bot_id, OLD.pause_reason
      USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_lifecycle';
  END IF;
  IF NEW.status = 'PENDING' AND OLD.status = 'STOPPED' THEN
    IF OLD.closing THEN
      RAISE EXCEPTION 'bot %: its position is still being closed', OLD.bot_id USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_lifecycle';
    END IF;
    IF OLD.deleting OR EXISTS (SELECT FROM bot_configs WHERE id = OLD.bot_id AND deleted_at IS NOT NULL) THEN
      RAISE EXCEPTION 'bot %: a deleted bot is not started', OLD.bot_id USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_lifecycle';
    END IF;
  END IF;
  NEW.version := OLD.version + 1;
  RETURN NEW;
END
$$;

CREATE TRIGGER bot_states_guard BEFORE INSERT OR UPDATE ON bot_states FOR EACH ROW EXECUTE FUNCTION guard_bot_state();

-- Deleting is soft, only from STOPPED or ERROR; a pinned market never moves.
CREATE FUNCTION guard_bot_config() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  current_status "BotStatus";
BEGIN
  IF (OLD.exchange, OLD.symbol, OLD.mode, OLD.user_id) IS DISTINCT FROM (NEW.exchange, NEW.symbol, NEW.mode, NEW.user_id) THEN
    RAISE EXCEPTION 'bot %: exchange, symbol and mode never change', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_pinned';
  END IF;
  IF OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN
    SELECT status INTO current_status FROM bot_states WHERE bot_id = OLD.id;
    IF current_status NOT IN ('STOPPED', 'ERROR') THEN
      RAISE EXCEPTION 'bot %: cannot be deleted while %', OLD.id, current_status USING ERRCODE = 'check_violation', CONSTRAINT = 'bot_lifecycle';
    END IF;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER bot_configs_guard BEFORE UPDATE ON bot_configs FOR EACH ROW EXECUTE FUNCTION guard_bot_config();

-- Filled never shrinks, and only NOT_PLACED and REJECTED can be reopened (by finding the order).
CREATE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.filled < OLD.filled THEN
    RAISE EXCEPTION 'order %: filled never shrinks', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'order_evidence';
  END IF;
  IF NEW.status = 'INTENDED' AND OLD.status <> 'INTENDED' THEN
    RAISE EXCEPTION 'order %: an intent is sent at most once', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'order_once';
  END IF;
  IF NEW.status = 'SUBMITTING' AND OLD.status NOT IN ('INTENDED', 'SUBMITTING') THEN
    RAISE EXCEPTION 'order %: an intent is sent at most once', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'order_once';
  END IF;
  IF OLD.status IN ('FILLED', 'CANCELED', 'EXPIRED') AND NEW.status NOT IN ('FILLED', 'CANCELED', 'EXPIRED') THEN
    RAISE EXCEPTION 'order %: % is final', OLD.id, OLD.status USING ERRCODE = 'check_violation', CONSTRAINT = 'order_evidence';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER orders_guard BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION guard_order();

-- Hints only: the tables are the truth.
CREATE FUNCTION touch_bot_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := tradebot_now();
  RETURN NEW;
END
$$;

CREATE TRIGGER bot_states_touch BEFORE UPDATE ON bot_states FOR EACH ROW EXECUTE FUNCTION touch_bot_state();
