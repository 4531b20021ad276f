CREATE TABLE `rollup_state` (
	`one` integer PRIMARY KEY NOT NULL,
	`anchor` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rollups` (
	`size` integer NOT NULL,
	`scope` text NOT NULL,
	`start` integer NOT NULL,
	`a` text NOT NULL,
	`b` text NOT NULL,
	`a_name` text,
	`b_name` text,
	`requests` integer NOT NULL,
	`errors` integer NOT NULL,
	`cancelled` integer NOT NULL,
	`prompt_tokens` integer NOT NULL,
	`completion_tokens` integer NOT NULL,
	`timed_tokens` integer NOT NULL,
	`timed_ms` integer NOT NULL,
	`histograms` text NOT NULL,
	PRIMARY KEY(`size`, `scope`, `start`, `a`, `b`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `samples` (
	`agent_id` text NOT NULL,
	`at` integer NOT NULL,
	`cpu_usage` real,
	`memory_usage` real,
	`gpu_usage` real,
	`active_requests` integer NOT NULL,
	`tokens_per_second` real,
	PRIMARY KEY(`agent_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
DROP INDEX `events_at`;--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`,`id`,`kind`,`agent_id`,`actor`);--> statement-breakpoint
DROP INDEX `requests_at`;--> statement-breakpoint
DROP INDEX `requests_model`;--> statement-breakpoint
DROP INDEX `requests_agent`;--> statement-breakpoint
DROP INDEX `requests_key`;--> statement-breakpoint
CREATE INDEX `requests_errors` ON `requests` (`at`,`id`,`status`,`endpoint`,`model`,`agent_id`,`key_id`) WHERE status >= 400;--> statement-breakpoint
CREATE INDEX `requests_at` ON `requests` (`at`,`id`,`status`,`endpoint`);--> statement-breakpoint
CREATE INDEX `requests_model` ON `requests` (`model`,`at`,`id`,`status`,`endpoint`,`agent_id`,`key_id`);--> statement-breakpoint
CREATE INDEX `requests_agent` ON `requests` (`agent_id`,`at`,`id`,`status`,`endpoint`,`key_id`,`model`);--> statement-breakpoint
CREATE INDEX `requests_key` ON `requests` (`key_id`,`at`,`id`,`status`,`endpoint`,`agent_id`,`model`);