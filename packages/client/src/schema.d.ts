/*
 * Written by `npm run client` from the schemas of packages/schema and the routes of packages/api. Do not edit it.
 */

export interface paths {
    "/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the ledger holds of an account
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getAccount"];
        /**
         * Replace the whole account
         * @description Takes an `account_state`, as the queue of account events does. It replaces the account once applied.
         *
         *     For backend.
         */
        put: operations["putAccount"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Apply fills, transfers, orders and pools
         * @description Takes events of one account in the order of their sequences, as the queue of account events does.
         *
         *     For backend.
         */
        post: operations["postEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/margin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The latest margin of an account, all pools
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getMargin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the margin of a pool moved
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/scenarios": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The loss of a pool in every scenario
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getScenarios"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a pool has its severity, and what changed
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["explainMargin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/ladder": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * At which prices the next severities begin
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getLadder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/cures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What would restore a severity
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getCures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/positions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Positions and balances with Greeks and contributions
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getPositions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The pools of all accounts, by risk
         * @description Each page is of the results at its time. A pool whose ratio or headroom changes between two pages may be on both or on neither; by order=account each is listed once.
         *
         *     For backend, viewer, risk, admin.
         */
        get: operations["listAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Counts, money and ages of the whole stage
         * @description For backend, viewer, risk, admin.
         */
        get: operations["getSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The open margin calls of all accounts
         * @description For backend, viewer, risk, admin.
         */
        get: operations["listCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A margin call with all its events
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The margin calls of an account, open and cured, newest first
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["listAccountCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/margin/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Margin before and after a change
         * @description Margins a free portfolio, or an account with changes, in the market as it is or moved. Nothing is stored. For an account the figures are those that the next pass over the same snapshot gives once the change is made.
         *
         *     For backend, viewer, risk, admin, trader.
         */
        post: operations["simulateMargin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/margin/simulate/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Many candidate changes of one account
         * @description For backend, viewer, risk, admin, trader.
         */
        post: operations["simulateBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whether orders may be accepted
         * @description For backend, viewer, risk, admin, trader.
         */
        post: operations["checkOrders"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send prices of one source
         * @description Each quote is taken or refused by itself. 400: the batch cannot be read. 422: every quote is refused. 503: time ran out; send the batch again.
         *
         *     For backend.
         */
        post: operations["postQuotes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/market": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prices, their quality and their sources
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getMarket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/market/{underlying}/surface": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Forwards, marks and volatilities of an underlying
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getSurface"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parameters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which parameters took effect when
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["listParameters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parameters/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A parameter set
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getParameters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Margin methods and their versions
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["listMethods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the stage is up
         * @description For anyone.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document
         * @description For anyone.
         */
        get: operations["getDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/time": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The stage's clock
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getTime"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a caller may ask for
         * @description For backend, viewer, risk, admin, trader.
         */
        get: operations["getLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a short-lived token for a trader's account
         * @description For backend.
         */
        post: operations["postToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AccountState: {
            /** @constant */
            kind: "account_state";
            /** @constant */
            schema_version: 1;
            account_id: string;
            ledger_sequence: number;
            /** Format: date-time */
            occurred_at: string;
            pool_currency: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            collateral: {
                asset: string;
                amount: string;
            }[];
            positions: {
                instrument_id: string;
                quantity: string;
                entry_price: string;
                funding_index?: string;
            }[];
            /** @default [] */
            open_orders?: {
                order_id: string;
                instrument_id: string;
                quantity: string;
                price: string;
            }[];
            /** @default [] */
            pools?: {
                pool_id: string;
                /** @enum {string} */
                pool_kind: "cross" | "isolated";
                pool_currency: string;
                /** @enum {string} */
                method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
                collateral: {
                    asset: string;
                    amount: string;
                }[];
                positions: {
                    instrument_id: string;
                    quantity: string;
                    entry_price: string;
                    funding_index?: string;
                }[];
                /** @default [] */
                open_orders?: {
                    order_id: string;
                    instrument_id: string;
                    quantity: string;
                    price: string;
                }[];
            }[];
        };
        AccountEvents: {
            events: ({
                /** @constant */
                kind: "account_state";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                pool_currency: string;
                /** @enum {string} */
                method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
                collateral: {
                    asset: string;
                    amount: string;
                }[];
                positions: {
                    instrument_id: string;
                    quantity: string;
                    entry_price: string;
                    funding_index?: string;
                }[];
                /** @default [] */
                open_orders?: {
                    order_id: string;
                    instrument_id: string;
                    quantity: string;
                    price: string;
                }[];
                /** @default [] */
                pools?: {
                    pool_id: string;
                    /** @enum {string} */
                    pool_kind: "cross" | "isolated";
                    pool_currency: string;
                    /** @enum {string} */
                    method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
                    collateral: {
                        asset: string;
                        amount: string;
                    }[];
                    positions: {
                        instrument_id: string;
                        quantity: string;
                        entry_price: string;
                        funding_index?: string;
                    }[];
                    /** @default [] */
                    open_orders?: {
                        order_id: string;
                        instrument_id: string;
                        quantity: string;
                        price: string;
                    }[];
                }[];
            } | {
                /** @constant */
                kind: "fill";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                instrument_id: string;
                quantity: string;
                price: string;
                funding_index?: string;
                /** @default cross */
                pool_id?: string;
                /** @default null */
                order_id?: string | null;
            } | {
                /** @constant */
                kind: "funding";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                instrument_id: string;
                funding_index: string;
                /** @default cross */
                pool_id?: string;
            } | {
                /** @constant */
                kind: "settlement";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                instrument_id: string;
                settlement_price: string;
                funding_index?: string;
                /** @default cross */
                pool_id?: string;
            } | {
                /** @constant */
                kind: "transfer";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                asset: string;
                amount: string;
                /** @default cross */
                pool_id?: string;
            } | {
                /** @constant */
                kind: "pool_transfer";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                asset: string;
                amount: string;
                from_pool_id: string;
                to_pool_id: string;
            } | {
                /** @constant */
                kind: "pool_opened";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                pool_id: string;
                /** @enum {string} */
                pool_kind: "cross" | "isolated";
                pool_currency: string;
                /** @enum {string} */
                method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            } | {
                /** @constant */
                kind: "pool_closed";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                pool_id: string;
            } | {
                /** @constant */
                kind: "orders";
                /** @constant */
                schema_version: 1;
                account_id: string;
                ledger_sequence: number;
                /** Format: date-time */
                occurred_at: string;
                /** @default cross */
                pool_id?: string;
                /** @default [] */
                placed?: {
                    order_id: string;
                    instrument_id: string;
                    quantity: string;
                    price: string;
                }[];
                /** @default [] */
                cancelled_order_ids?: string[];
            })[];
        };
        WhatIfRequest: {
            account_id?: string;
            /** @default cross */
            pool_id?: string;
            portfolio?: components["schemas"]["FreePortfolio"];
            /** @default {} */
            changes?: components["schemas"]["WhatIfChanges"];
            /**
             * @description Margin by this method after the change.
             * @enum {string}
             */
            method_id?: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description A stored version to margin with after the change. */
            parameters_version?: string;
            /** @description What is changed of the parameters, in the form of a parameter file that names only its changes. Rows of a list that it does not name stay. */
            parameters?: {
                [key: string]: unknown;
            };
            /** @default {} */
            market?: components["schemas"]["MarketMoves"];
            /**
             * @description Whether the answer is to hold the call prices.
             * @default true
             */
            call_prices?: boolean;
        };
        /** @description A portfolio that belongs to no account. */
        FreePortfolio: {
            /** @default USD */
            pool_currency?: string;
            /**
             * @default portfolio
             * @enum {string}
             */
            method_id?: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @default [] */
            collateral?: components["schemas"]["CollateralBalance"][];
            /**
             * @description A position without an entry price counts as entered at the mark.
             * @default []
             */
            positions?: components["schemas"]["PortfolioPosition"][];
            /** @default [] */
            open_orders?: components["schemas"]["OpenOrder"][];
        };
        CollateralBalance: {
            asset: string;
            amount: string;
        };
        PortfolioPosition: {
            instrument_id: string;
            quantity: string;
            entry_price?: string;
            funding_index?: string;
        };
        OpenOrder: {
            order_id: string;
            instrument_id: string;
            quantity: string;
            price: string;
        };
        /** @description Changes of one pool. */
        WhatIfChanges: {
            /** @default [] */
            transfers?: components["schemas"]["WhatIfTransfer"][];
            /** @default [] */
            fills?: components["schemas"]["WhatIfFill"][];
            /** @default [] */
            cancelled_order_ids?: string[];
            /** @default [] */
            placed_orders?: components["schemas"]["OpenOrder"][];
        };
        WhatIfTransfer: {
            asset: string;
            /** @description A deposit, or a withdrawal if negative. */
            amount: string;
        };
        WhatIfFill: {
            instrument_id: string;
            /** @description Signed number of contracts; positive buys. */
            quantity: string;
            /** @description In the unit of the instrument's mark, which counts where no price is given. */
            price?: string;
        };
        /** @description How the market is moved before the portfolio is margined after it. */
        MarketMoves: {
            /** @default [] */
            prices?: components["schemas"]["PriceMove"][];
            /** @default [] */
            volatilities?: components["schemas"]["VolatilityMove"][];
            /**
             * @description What expires meanwhile pays what it is worth at the index price, moved as asked.
             * @default 0
             */
            days_forward?: number;
        };
        PriceMove: {
            underlying: string;
            /** @description The new index price in US dollars. */
            price?: string;
            /** @description The move in percent: -12 is 12 % down. */
            move_pct?: string;
        };
        VolatilityMove: {
            underlying: string;
            /** @description How much all volatilities of the underlying move, in percent of themselves. */
            move_pct: string;
        };
        BatchRequest: {
            account_id: string;
            /** @default cross */
            pool_id?: string;
            candidates: components["schemas"]["WhatIfChanges"][];
        };
        OrderCheckRequest: {
            account_id: string;
            /** @default cross */
            pool_id?: string;
            orders: components["schemas"]["OpenOrder"][];
        };
        QuoteBatch: {
            source: string;
            /** Format: date-time */
            observed_at: string;
            quotes: unknown[];
        };
        TokenRequest: {
            account_id: string;
            /**
             * @description How long the token is valid.
             * @default 900
             */
            seconds?: number;
        };
        /** @description The events are queued. They are applied in the order of their sequences. */
        Accepted: {
            account_id: string;
            events: number;
            /** @description The last sequence that was taken. */
            ledger_sequence: number;
            /** @description Where to see whether it is applied: ledger_sequence there. */
            status_path: string;
            /** @description Where the new margin will be. */
            margin_path: string;
        };
        /** @description An error as RFC 9457 describes it. */
        Problem: {
            /**
             * @description A URI that names the kind of problem.
             * @example urn:plimsoll:problem:not-found
             */
            type: string;
            title: string;
            status: number;
            /** @description What is wrong with this request, in a sentence. */
            detail: string;
            /** @description The id under which the stage's log has this request. */
            request_id: string;
            errors: components["schemas"]["FieldProblem"][];
        };
        FieldProblem: {
            /** @description JSON path in the body, or the name of a parameter or header. */
            field: string;
            /** @description What was given, cut to 200 characters. */
            value: string;
            /** @description What would have been accepted. */
            remedy: string;
        };
        /** @description An account as the ledger holds it, and the events that it waits for. */
        Account: {
            account_id: string;
            /** @description The last event of the account that is applied. */
            ledger_sequence: number;
            /** @description Events that arrived too early and wait for those before them. */
            waiting_sequences: number[];
            /** @description The lowest sequence of an account_state that closes the gap; null without a gap. */
            needs_sequence: number | null;
            /** @description The last event that was refused and is not mended. */
            refused_sequence: number | null;
            refused_because: string | null;
            pools: components["schemas"]["LedgerPool"][];
        };
        LedgerPool: {
            pool_id: string;
            /** @enum {string} */
            pool_kind: "cross" | "isolated";
            pool_currency: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            collateral: {
                asset: string;
                amount: string;
            }[];
            positions: {
                instrument_id: string;
                quantity: string;
                entry_price: string;
                funding_index?: string;
            }[];
            open_orders: {
                order_id: string;
                instrument_id: string;
                quantity: string;
                price: string;
            }[];
        };
        /** @description The latest results of an account, one per pool, the cross pool first. */
        AccountMargin: {
            account_id: string;
            environment: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            pools: components["schemas"]["PoolMargin"][];
        };
        /** @description The latest result of one pool of an account. */
        PoolMargin: {
            pool_id: string;
            /** @enum {string} */
            status: "margined" | "not_margined";
            severity: components["schemas"]["Severity"];
            /** @description Number of the pool's last call event; 0 if there was none. */
            sequence: number;
            /** @description The open call; null while the severity is NORMAL. */
            call_id: string | null;
            /** Format: date-time */
            call_opened_at: string | null;
            /** @enum {string|null} */
            price_quality: "good" | "widened" | "degraded" | "blocked" | null;
            /** @description Present if the pool is margined. */
            margin?: components["schemas"]["Margin"];
            /** @description Why the pool has no figures. */
            refusal?: components["schemas"]["Refusal"];
            /** @description The last good figures of a pool without any. */
            last_good?: components["schemas"]["Margin"];
            late_ladder?: components["schemas"]["CallPrice"][];
        };
        /** @enum {string} */
        Severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
        /** @description The margin of one pool. Amounts are decimal strings in `pool_currency`, rounded against the account. */
        Margin: {
            snapshot_id: string;
            parameters_version: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            method_version: string;
            pool_currency: string;
            ledger_sequence: number;
            equity: string;
            margin_balance: string;
            initial_margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
            available_funds: string;
            margin_ratio: string | null;
            margin_headroom: string;
            severity_basis?: components["schemas"]["SeverityBasis"];
            components: components["schemas"]["Component"][];
            notes?: {
                /** @enum {string} */
                code: "at_par" | "counted_as_settled" | "correlations_repaired" | "history_age" | "history_proxied" | "approximation_refused" | "standard_error";
                text: string;
            }[];
            incomplete?: components["schemas"]["Incomplete"];
            /** @description Initial margin if the worst subset of the open orders fills; null without orders. */
            projected_initial_margin: string | null;
            /** @enum {string} */
            projected_by?: "by_side" | "each_apart" | "by_scenario" | "search_stopped";
            not_projected?: components["schemas"]["Refusal"];
            units: components["schemas"]["MarginUnit"][];
        };
        SeverityBasis: {
            initial_margin: string;
            initial_margin_balance: string;
            maintenance_margin: string;
            margin_balance: string;
            greatest_debt: string | null;
        };
        /** @description One part of the initial margin. */
        Component: {
            name: string;
            underlying: string;
            amount: string;
        };
        Incomplete: {
            holdings: number;
            in_doubt: number;
            reasons: {
                /** @enum {string} */
                code: "instrument_not_in_snapshot" | "instrument_expired" | "settlement_average_missing" | "funding_missing" | "volatility_missing" | "currency_not_priced" | "collateral_not_accepted" | "token_state_unusable" | "parameters_missing" | "unsupported_instrument" | "prices_blocked" | "limit_exceeded" | "ledger_unreadable" | "state_unreadable" | "out_of_time";
                field: string;
                value: string;
                remedy: string;
                /** @enum {string} */
                assumed: "counts_for_nothing" | "last_good_mark_widened" | "last_good_price_widened" | "static_rates" | "entered_at_mark" | "funding_not_counted" | "nothing_known";
                worth: string;
            }[];
        };
        Refusal: {
            /** @enum {string} */
            code: "instrument_not_in_snapshot" | "instrument_expired" | "settlement_average_missing" | "funding_missing" | "volatility_missing" | "currency_not_priced" | "collateral_not_accepted" | "token_state_unusable" | "parameters_missing" | "unsupported_instrument" | "prices_blocked" | "limit_exceeded" | "ledger_unreadable" | "state_unreadable" | "out_of_time";
            field: string;
            value: string;
            remedy: string;
        };
        /** @description One underlying, and the worst scenario if the method scans any. */
        MarginUnit: {
            underlying: string;
            /** @enum {string} */
            quality: "good" | "widened" | "degraded" | "blocked";
            worst_scenario?: components["schemas"]["WorstScenario"];
        };
        /** @description The scenario with the greatest loss; a loss is positive. */
        WorstScenario: {
            scenario_id: string;
            label: string;
            loss: string;
        };
        /** @description The index price at which a graver severity begins, all else equal. */
        CallPrice: {
            underlying: string;
            /** @enum {string} */
            direction: "up" | "down";
            /** @enum {string} */
            severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            price: string | null;
            distance_pct: string | null;
            reason: string | null;
        };
        /** @description Points at which the margin ratio moved by more than the tolerance. */
        MarginHistory: {
            account_id: string;
            pool_id: string;
            points: components["schemas"]["HistoryPoint"][];
            next_cursor: string | null;
        };
        HistoryPoint: {
            /** Format: date-time */
            as_of: string;
            snapshot_id: string;
            currency: string;
            margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
            margin_ratio: string | null;
        };
        /** @description The whole loss vector of a pool, per underlying, in the pool's currency. */
        Scenarios: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            units: components["schemas"]["ScenarioUnit"][];
        };
        ScenarioUnit: {
            underlying: string;
            scenarios: components["schemas"]["ScenarioLoss"][];
        };
        /** @description The loss of the pool in one scenario; a gain is negative. */
        ScenarioLoss: {
            scenario_id: string;
            label: string;
            loss: string;
        };
        /** @description Why a pool has its severity, and what would restore a better one. */
        Explanation: {
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /** Format: date-time */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            pool_currency: string;
            /** @default 0 */
            price_age_ms: number;
            /** @enum {string} */
            severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            margin: components["schemas"]["Margin"];
            levels: components["schemas"]["SeverityLevel"][];
            holdings: components["schemas"]["HoldingPart"][];
            scenario_loss: string | null;
            unexplained_loss: string | null;
            /** @description Present if there is an earlier result to compare with. */
            change?: components["schemas"]["MarginChange"];
            cures: {
                /** @enum {string} */
                restores: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
                list: ({
                    /** @constant */
                    kind: "deposit";
                    asset: string;
                    amount: string;
                    margin_ratio: string | null;
                    initial_margin: string;
                    maintenance_margin: string;
                } | {
                    /** @constant */
                    kind: "reduction";
                    instrument_id: string;
                    quantity: string;
                    share: number;
                    notional_usd: string;
                    margin_ratio: string | null;
                    initial_margin: string;
                    maintenance_margin: string;
                })[];
            };
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
        };
        SeverityLevel: {
            /** @enum {string} */
            severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            /** @enum {string} */
            requirement: "initial" | "maintenance";
            required: string;
            balance: string;
            ratio: string | null;
            enter_ratio: string;
            leave_ratio: string;
            is_reached: boolean;
            /** @description The balance that may still be lost before the severity is reached; negative once it is. */
            distance: string;
        };
        HoldingPart: {
            id: string;
            /** @enum {string} */
            kind: "position" | "balance";
            underlying: string | null;
            quantity: string;
            /** @description How much lower the worst losses are without the holding. */
            scenario_loss: string | null;
            /** @description How much lower the requirement is without the holding. */
            initial_margin: string;
            maintenance_margin: string;
        };
        MarginChange: {
            since: components["schemas"]["EarlierResult"];
            total: components["schemas"]["ChangedFigures"];
            rows: components["schemas"]["ChangeStep"][];
        };
        EarlierResult: {
            snapshot_id: string;
            /** Format: date-time */
            as_of: string;
            /** @enum {string} */
            severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
        };
        ChangedFigures: {
            equity: string;
            margin_balance: string;
            initial_margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
        };
        /** @description The change by one kind of cause, in the order shown. */
        ChangeStep: {
            /** @enum {string} */
            step: "prices" | "volatilities" | "positions" | "collateral" | "time" | "residual" | "parameters" | "method";
            equity: string;
            margin_balance: string;
            initial_margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
            folded_because: string | null;
        };
        /** @description At which price of each underlying the next severities begin. */
        Ladder: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            severity: components["schemas"]["Severity"];
            /** @description Holdings that could not be margined in full, and how they count. Absent if there are none. */
            incomplete?: components["schemas"]["Incomplete"];
            ladder: components["schemas"]["CallPrice"][];
        };
        CuresAnswer: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            severity: components["schemas"]["Severity"];
            /** @description Holdings that could not be margined in full, and how they count. Absent if there are none. */
            incomplete?: components["schemas"]["Incomplete"];
            cures: components["schemas"]["Cures"];
        };
        Cures: {
            /** @description The severity that the cures restore. */
            restores: components["schemas"]["Severity"];
            list: components["schemas"]["Cure"][];
        };
        /** @description One way to restore a severity, verified by margining the pool with it. */
        Cure: {
            /** @enum {string} */
            kind: "deposit" | "reduction";
            /** @description What to deposit. */
            asset?: string;
            amount?: string;
            /** @description What to trade. */
            instrument_id?: string;
            /** @description The contracts to trade; negative is a sale. */
            quantity?: string;
            /** @description The part of the position that is closed. */
            share?: number;
            notional_usd?: string;
            margin_ratio: string | null;
            initial_margin: string;
            maintenance_margin: string;
        };
        Positions: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            positions: components["schemas"]["PositionRisk"][];
            balances: components["schemas"]["BalanceRisk"][];
            greeks: components["schemas"]["UnitGreeks"][];
        };
        /** @description One position with its Greeks and its part of the requirement. */
        PositionRisk: {
            instrument_id: string;
            underlying: string | null;
            quantity: string;
            entry_price: string | null;
            mark_price: string | null;
            delta: string | null;
            gamma: string | null;
            vega: string | null;
            theta: string | null;
            /** @description How much lower the worst losses are without the holding. */
            scenario_loss: string | null;
            /** @description How much lower the requirement is without the holding. */
            initial_margin: string;
            maintenance_margin: string;
        };
        /** @description One balance with its haircuts and its part of the requirement. */
        BalanceRisk: {
            asset: string;
            amount: string;
            price_usd: string | null;
            /** @enum {string|null} */
            quality: "good" | "widened" | "degraded" | "blocked" | null;
            initial_haircut: string | null;
            maintenance_haircut: string | null;
            counted_initial: string | null;
            counted_maintenance: string | null;
            /** @description Why it counts for less than it is worth. */
            reasons: ("pool_currency" | "debt" | "own_losses" | "market_price" | "par" | "at_par" | "redemption_rate" | "rate_cap" | "rate_collapsed" | "pool_fair_price" | "band" | "depeg" | "wrong_way" | "concentration" | "not_accepted" | "not_priced" | "no_rule")[];
            /** @description How much lower the worst losses are without the holding. */
            scenario_loss: string | null;
            /** @description How much lower the requirement is without the holding. */
            initial_margin: string;
            maintenance_margin: string;
        };
        UnitGreeks: {
            underlying: string;
            delta: string;
            gamma: string;
            vega: string;
            theta: string;
        };
        AccountsPage: {
            pools: components["schemas"]["ListedPool"][];
            next_cursor: string | null;
        };
        /** @description One pool of an account in a list. Figures of a pool without any are null. */
        ListedPool: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            status: "margined" | "not_margined";
            severity: components["schemas"]["Severity"];
            call_id: string | null;
            /** @enum {string|null} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio" | null;
            pool_currency: string | null;
            equity: string | null;
            margin_balance: string | null;
            initial_margin: string | null;
            maintenance_margin: string | null;
            available_funds: string | null;
            margin_ratio: string | null;
            margin_headroom: string | null;
            underlyings: string[];
            snapshot_id: string;
            ledger_sequence: number | null;
        };
        Summary: {
            environment: string;
            accounts: number;
            pools: number;
            not_margined: number;
            incomplete: number;
            open_calls: number;
            severities: components["schemas"]["SeverityCount"][];
            /** @description Sums over the margined pools, one per currency. */
            money: components["schemas"]["MoneyTotal"][];
            /** Format: date-time */
            oldest_result_at: string | null;
            newest_sweep_id: string | null;
            newest_sweep_age_ms: number | null;
            price_qualities: components["schemas"]["QualityCount"][];
            /** @description One sentence for each shard that cannot be read. */
            unreadable: string[];
        };
        SeverityCount: {
            severity: components["schemas"]["Severity"];
            pools: number;
        };
        MoneyTotal: {
            currency: string;
            equity: string;
            margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
            /** @description The sum of what the pools in a margin call lack. */
            shortfall: string;
        };
        QualityCount: {
            /** @enum {string} */
            quality: "good" | "widened" | "degraded" | "blocked";
            underlyings: string[];
        };
        CallsPage: {
            calls: components["schemas"]["CallSummary"][];
            next_cursor: string | null;
        };
        CallSummary: {
            call_id: string;
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            status: "open" | "cured";
            /** @description The severity now; that of a cured call is NORMAL. */
            severity: components["schemas"]["Severity"];
            /** @description The gravest severity that the call had. */
            worst_severity: components["schemas"]["Severity"];
            /** Format: date-time */
            opened_at: string;
            /** Format: date-time */
            changed_at: string;
            last_sequence: number;
            currency: string;
            /** @description Deposit that ends the call, as of its last event. */
            amount_required: string;
            /** @enum {string} */
            restore_to: "initial_margin" | "maintenance_margin" | "no_debt" | "none";
            title: string;
        };
        /** @description A margin call with all its events. */
        Call: {
            call_id: string;
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            status: "open" | "cured";
            /** @description The severity now; that of a cured call is NORMAL. */
            severity: components["schemas"]["Severity"];
            /** @description The gravest severity that the call had. */
            worst_severity: components["schemas"]["Severity"];
            /** Format: date-time */
            opened_at: string;
            /** Format: date-time */
            changed_at: string;
            last_sequence: number;
            currency: string;
            /** @description Deposit that ends the call, as of its last event. */
            amount_required: string;
            /** @enum {string} */
            restore_to: "initial_margin" | "maintenance_margin" | "no_debt" | "none";
            title: string;
            events: components["schemas"]["CallEvent"][];
        };
        /** @description A change of severity as it was published. It does not change any more. */
        CallEvent: {
            /** @constant */
            schema_version: 1;
            event_id: string;
            /** @enum {string} */
            event_type: "margin.call.opened" | "margin.call.escalated" | "margin.call.eased" | "margin.call.cured";
            environment: string;
            /** Format: date-time */
            occurred_at: string;
            call_id: string;
            sequence: number;
            account_id: string;
            /** @default cross */
            pool_id: string;
            collateral_pool: string;
            /** @enum {string} */
            severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            /** @enum {string} */
            previous_severity: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            /** @enum {string} */
            reason_code: "initial_margin_breached" | "maintenance_margin_breached" | "early_warning" | "equity_exhausted" | "restored";
            reason_text: string;
            currency: string;
            equity: string;
            margin_balance: string;
            initial_margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
            available_funds: string;
            margin_ratio: string | null;
            margin_headroom: string;
            amount_required: string;
            /** @enum {string} */
            restore_to: "initial_margin" | "maintenance_margin" | "no_debt" | "none";
            /** @default null */
            restore_ratio: string | null;
            severity_basis?: components["schemas"]["SeverityBasis"];
            worst_scenario?: components["schemas"]["CallWorstScenario"];
            components: components["schemas"]["Component"][];
            ladder: components["schemas"]["CallPrice"][];
            /** @constant */
            ladder_missing?: "out_of_time";
            snapshot_id: string;
            /** Format: date-time */
            as_of: string;
            price_age_ms: number;
            /** @enum {string} */
            price_quality: "good" | "widened" | "degraded" | "blocked";
            method_id: string;
            parameters_version: string;
            engine_version: string;
            ledger_sequence: number;
            incomplete?: components["schemas"]["Incomplete"];
            /** Format: date-time */
            respond_by: string | null;
            title: string;
            text: string;
        };
        CallWorstScenario: {
            underlying: string;
            scenario_id: string;
            label: string;
            loss: string;
        };
        WhatIf: {
            account_id: string | null;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            before: components["schemas"]["WhatIfSide"];
            after: components["schemas"]["WhatIfSide"];
            /** @description Present if both sides are margined. */
            difference?: components["schemas"]["WhatIfDifference"];
        };
        /** @description A pool before or after a change. */
        WhatIfSide: {
            /** @enum {string} */
            status: "margined" | "not_margined";
            /** @description The severity that the next pass would give. That of a pool without figures stays. */
            severity: components["schemas"]["Severity"];
            /** @description The severity that the pool comes to if prices stay, once enough sweeps have confirmed the figures. It is absent where the figures are those of the last pass. */
            settles_at?: components["schemas"]["Severity"];
            margin?: components["schemas"]["Margin"];
            refusal?: components["schemas"]["Refusal"];
            call_prices?: components["schemas"]["CallPrice"][];
        };
        /** @description After less before, figure by figure and component by component. */
        WhatIfDifference: {
            equity: string;
            margin_balance: string;
            initial_margin_balance: string;
            initial_margin: string;
            maintenance_margin: string;
            available_funds: string;
            margin_headroom: string;
            components: components["schemas"]["ComponentDifference"][];
        };
        ComponentDifference: {
            name: string;
            underlying: string;
            before: string;
            after: string;
            difference: string;
        };
        BatchAnswer: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            before: components["schemas"]["WhatIfSide"];
            /** @description One result per candidate, in the order of the request. */
            results: components["schemas"]["BatchResult"][];
            /** @description The first candidate that the time or the size of one answer did not suffice for: send those from it on. Null if none. */
            next_index: number | null;
        };
        BatchResult: {
            /** @description The candidate's place in the request. */
            index: number;
            /** @description Absent if the changes are rejected. */
            after?: components["schemas"]["WhatIfSide"];
            difference?: components["schemas"]["WhatIfDifference"];
            rejected?: components["schemas"]["RejectedChange"];
        };
        /** @description Why a candidate's changes cannot be applied. */
        RejectedChange: {
            field: string;
            value: string;
            remedy: string;
        };
        OrderCheck: {
            account_id: string;
            pool_id: string;
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            /** @description The method, its formulas and the content of its parameters. */
            method_version: string;
            pool_currency: string;
            /**
             * @description Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.
             * @enum {string}
             */
            standing: "binding" | "informative";
            /** @description The market snapshot that the figures rest on. */
            snapshot_id: string;
            /**
             * Format: date-time
             * @description The time of the snapshot.
             */
            as_of: string;
            /** @description Age of the snapshot when the answer was given. */
            result_age_ms: number;
            parameters_version: string;
            engine_version: string;
            accepted: boolean;
            /**
             * @description The rule that decided.
             * @enum {string}
             */
            rule: "reduces_risk" | "not_margined" | "prices_blocked" | "severity_allows_reducing_only" | "orders_not_projected" | "initial_margin_covered" | "initial_margin_exceeded";
            /** @description The rule in words, with the numbers that decided. */
            reason: string;
            /** @description Whether the orders, with those that are open, can only make positions smaller, and their fills raise no initial margin. */
            reduces_risk: boolean;
            severity: components["schemas"]["Severity"];
            ledger_sequence: number;
            initial_margin: string | null;
            initial_margin_balance: string | null;
            /** @description Initial margin if the worst subset of all orders fills, these among them. */
            projected_initial_margin: string | null;
            /** @description initial_margin_balance less projected_initial_margin; negative if it is exceeded. */
            available_funds: string | null;
            /** @description The orders whose fills would ask for most. */
            worst_order_ids: string[];
        };
        QuoteBatchAnswer: {
            accepted: number;
            rejected: {
                path: string;
                value: string;
                problem: string;
            }[];
            sweep_requested_for: string[];
        };
        /** @description The newest market snapshot that a sweep has been completed with. */
        Market: {
            snapshot_id: string;
            /** Format: date-time */
            as_of: string;
            result_age_ms: number;
            parameters_version: string;
            underlyings: components["schemas"]["UnderlyingPrice"][];
            currencies: components["schemas"]["CurrencyPrice"][];
        };
        UnderlyingPrice: {
            underlying: string;
            index_price: string;
            /** @enum {string} */
            quality: "good" | "widened" | "degraded" | "blocked";
            quality_reason: string | null;
            price_age_ms: number;
            /** @description Half width of the band of doubt, as a share. */
            confidence_width: number;
            instruments: number;
            sources: components["schemas"]["PriceSource"][];
        };
        PriceSource: {
            source: string;
            index_price: string;
            /** Format: date-time */
            observed_at: string;
            /** @description Age when the answer was given. */
            age_ms: number;
        };
        CurrencyPrice: {
            currency: string;
            price_usd: string;
        };
        /** @description Forwards, marks and volatilities of an underlying, by expiry and strike. */
        Surface: {
            underlying: string;
            snapshot_id: string;
            /** Format: date-time */
            as_of: string;
            result_age_ms: number;
            index_price: string;
            instruments: components["schemas"]["SurfacePoint"][];
        };
        SurfacePoint: {
            instrument_id: string;
            kind: string;
            /** Format: date-time */
            expiry: string | null;
            strike: number | null;
            /** @enum {string|null} */
            option_type: "call" | "put" | null;
            forward_price: string;
            mark_price: string;
            mark_volatility: number | null;
        };
        /** @description Which parameters took effect when, newest first. */
        ParameterVersions: {
            /** @description The version in effect; null before the first sweep. */
            in_effect: string | null;
            activations: components["schemas"]["Activation"][];
        };
        Activation: {
            sequence: number;
            parameters_version: string;
            /** Format: date-time */
            effective_from: string;
            activated_by: string;
            proposal_id: string | null;
        };
        /** @description A whole parameter set, in the form of a parameter file. */
        Parameters: {
            parameters_version: string;
            parameters: {
                [key: string]: unknown;
            };
        };
        Methods: {
            parameters_version: string;
            methods: components["schemas"]["MethodVersion"][];
        };
        /** @description A method, its formulas and the content of its parameters. */
        MethodVersion: {
            /** @enum {string} */
            method_id: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
            method_version: string;
        };
        Health: {
            /** @constant */
            status: "up";
            newest_sweep_age_ms: number | null;
        };
        Time: {
            /** Format: date-time */
            now: string;
            now_ms: number;
        };
        Limits: {
            /** @description Units that a caller may spend in a minute. */
            requests_per_minute: number;
            /** @description What a request of each route costs; routes not listed cost 1. */
            request_units: components["schemas"]["RouteUnits"][];
            body_bytes: number;
            candidates_per_batch: number;
            events_per_request: number;
            positions_per_account: number;
            open_orders_per_account: number;
            pools_per_account: number;
            page_size: number;
            token_seconds: number;
            idempotency_seconds: number;
        };
        RouteUnits: {
            route: string;
            units: number;
        };
        Token: {
            token: string;
            account_id: string;
            /** Format: date-time */
            expires_at: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAccount: {
        parameters: {
            query?: never;
            header?: {
                "If-None-Match"?: string;
            };
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the ledger holds of an account */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The answer is still the one with this ETag. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putAccount: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountState"];
            };
        };
        responses: {
            /** @description Replace the whole account */
            202: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The same request is still being carried out. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postEvents: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountEvents"];
            };
        };
        responses: {
            /** @description Apply fills, transfers, orders and pools */
            202: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The same request is still being carried out. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMargin: {
        parameters: {
            query?: never;
            header?: {
                "If-None-Match"?: string;
            };
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest margin of an account, all pools */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountMargin"];
                };
            };
            /** @description The answer is still the one with this ETag. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHistory: {
        parameters: {
            query?: {
                /** @description The collateral pool. */
                pool_id?: string;
                from?: string;
                to?: string;
                resolution?: "all" | "minute" | "hour" | "day";
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the margin of a pool moved */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarginHistory"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getScenarios: {
        parameters: {
            query?: {
                /** @description The collateral pool. */
                pool_id?: string;
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The loss of a pool in every scenario */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scenarios"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainMargin: {
        parameters: {
            query?: {
                /** @description The collateral pool. */
                pool_id?: string;
                /** @description The snapshot to compare with; that of the last call event where none is named. */
                against?: string;
                restore?: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Why a pool has its severity, and what changed */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLadder: {
        parameters: {
            query?: {
                /** @description The collateral pool. */
                pool_id?: string;
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At which prices the next severities begin */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ladder"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCures: {
        parameters: {
            query?: {
                /** @description The collateral pool. */
                pool_id?: string;
                restore?: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What would restore a severity */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CuresAnswer"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPositions: {
        parameters: {
            query?: {
                /** @description The collateral pool. */
                pool_id?: string;
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Positions and balances with Greeks and contributions */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Positions"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAccounts: {
        parameters: {
            query?: {
                severity?: "NORMAL" | "WARNING" | "MARGIN_CALL" | "REDUCE_ONLY" | "LIQUIDATION" | "BANKRUPT";
                method_id?: "static" | "isolated" | "standard" | "span" | "tims" | "portfolio" | "var" | "portfolio_deribit" | "portfolio_okx" | "portfolio_paradex" | "portfolio_bybit" | "derive_pmrm_2" | "derive_pmrm_1" | "derive_srm" | "account_ratio";
                underlying?: string;
                /** @description By margin ratio, highest first; by headroom, least first; or by account id. */
                order?: "ratio" | "headroom" | "account";
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The pools of all accounts, by risk */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountsPage"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts, money and ages of the whole stage */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Summary"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCalls: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The open margin calls of all accounts */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallsPage"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A margin call with all its events */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Call"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAccountCalls: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The account. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The margin calls of an account, open and cured, newest first */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallsPage"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulateMargin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WhatIfRequest"];
            };
        };
        responses: {
            /** @description Margin before and after a change */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhatIf"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulateBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description Many candidate changes of one account */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkOrders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderCheckRequest"];
            };
        };
        responses: {
            /** @description Whether orders may be accepted */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderCheck"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postQuotes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuoteBatch"];
            };
        };
        responses: {
            /** @description Send prices of one source */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBatchAnswer"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBatchAnswer"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBatchAnswer"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBatchAnswer"];
                };
            };
        };
    };
    getMarket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prices, their quality and their sources */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Market"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSurface: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                underlying: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forwards, marks and volatilities of an underlying */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Surface"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listParameters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Which parameters took effect when */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParameterVersions"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getParameters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A parameter set */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Parameters"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMethods: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Margin methods and their versions */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Methods"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the stage is up */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDocument: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTime: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stage's clock */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Time"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a caller may ask for */
            200: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Limits"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description Make a short-lived token for a trader's account */
            201: {
                headers: {
                    /** @description Units left in this minute, and seconds until all are back. */
                    RateLimit?: string;
                    /** @description The limit, in units for each minute. */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            /** @description The request cannot be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not say who is asking, or its token has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This caller may not use this route. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing here for this caller. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request breaks the contract; `errors` names each mistake. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come back. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The stage cannot answer now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
