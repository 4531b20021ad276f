CREATE TABLE `agent_runtimes` (
	`agent_id` text PRIMARY KEY NOT NULL,
	`online` integer NOT NULL,
	`last_seen` integer NOT NULL,
	`turn` integer NOT NULL,
	`total_requests` integer NOT NULL,
	`failed_requests` integer NOT NULL,
	`state` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`token_hash` text NOT NULL,
	`machine_name` text NOT NULL,
	`ip_address` text NOT NULL,
	`os` text,
	`agent_version` text,
	`ollama_version` text,
	`ollama_port` integer NOT NULL,
	`registered_at` integer NOT NULL,
	`draining` integer NOT NULL,
	`max_concurrency` integer,
	`weight` real NOT NULL,
	`tags` text NOT NULL,
	`note` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agents_name_unique` ON `agents` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `agents_token_hash_unique` ON `agents` (`token_hash`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`agent_id` text,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`,`id`);--> statement-breakpoint
CREATE TABLE `join_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`prefix` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`max_uses` integer NOT NULL,
	`uses` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `join_tokens_hash_unique` ON `join_tokens` (`hash`);--> statement-breakpoint
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`prefix` text NOT NULL,
	`permissions` text NOT NULL,
	`models` text,
	`path` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `keys_hash_unique` ON `keys` (`hash`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`table` text NOT NULL,
	`row` text NOT NULL,
	`refusals` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_id_unique` ON `outbox` (`id`);--> statement-breakpoint
CREATE TABLE `requests` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`endpoint` text NOT NULL,
	`model` text,
	`key_id` text,
	`key_name` text,
	`agent_id` text,
	`agent_name` text,
	`status` integer NOT NULL,
	`error_code` text,
	`attempts` integer NOT NULL,
	`reason` text,
	`queue_ms` real NOT NULL,
	`first_byte_ms` real,
	`duration_ms` real NOT NULL,
	`prompt_tokens` integer,
	`completion_tokens` integer,
	`load_ms` real,
	`request_bytes` integer NOT NULL,
	`response_bytes` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `requests_at` ON `requests` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `requests_model` ON `requests` (`model`,`at`,`id`);--> statement-breakpoint
CREATE INDEX `requests_agent` ON `requests` (`agent_id`,`at`,`id`);--> statement-breakpoint
CREATE INDEX `requests_key` ON `requests` (`key_id`,`at`,`id`);--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
