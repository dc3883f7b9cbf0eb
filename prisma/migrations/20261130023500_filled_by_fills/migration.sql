-- Filled never shrinks below its fills. What no fill carries is no evidence (somebody's hand at the database), and a person's reconcile --apply
-- may take it back, down to exactly what the fills add up to.
CREATE OR REPLACE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.filled < OLD.filled
     AND NEW.filled <> (SELECT coalesce(sum(f.amount), 0) FROM fills f WHERE f.order_id = NEW.id) THEN
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
