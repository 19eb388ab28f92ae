-- Phase and batch of an attempt, written from the second attempt on: what a crash loop names.
ALTER TABLE clinicalgpt.attempts ADD COLUMN doing text NOT NULL DEFAULT '';
