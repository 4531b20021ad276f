CREATE TABLE `pairings` (
	`id` text PRIMARY KEY NOT NULL,
	`code_hash` text NOT NULL,
	`secret_hash` text NOT NULL,
	`caller_address` text,
	`machine` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`state` text NOT NULL,
	`agent_id` text,
	`fetched` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pairings_secret_hash_unique` ON `pairings` (`secret_hash`);