//! `sidekick sandbox serve`: the simulated AWS on a loopback port, for tools other than this one.

use std::net::Ipv4Addr;

use serde_json::json;
use tokio::net::TcpListener;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::session::open_sandbox;

pub(crate) async fn serve(global: &Global, printer: &Printer, port: u16) -> Result<u8, Error> {
    let sandbox = open_sandbox(global)?;
    let taken = |error: std::io::Error| {
        Error::unmet(
            format!("port {port} of 127.0.0.1 cannot be used: {error}"),
            "choose another with --port; 0 takes a free one",
        )
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?;
    let endpoint = format!("http://{}", listener.local_addr().map_err(taken)?);
    if printer.is_json() {
        printer.json(&json!({ "endpoint": endpoint }));
    } else {
        printer.text(&format!(
            "serving the sandbox {} on {endpoint}\n  AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox aws ec2 describe-vpcs\n",
            global.sandbox_file().display()
        ));
    }
    tokio::select! {
        ended = sandbox.serve(listener) => {
            ended.map_err(taken)?;
        }
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(0)
}
