//! The cluster and its service.

use sidekick_tests::simulation::switching::switches;

#[tokio::test(start_paused = true)]
async fn container_insights_are_switched_in_place() {
    let switched = switches("", "[service]\ncontainer_insights = \"disabled\"\n").await;
    assert_eq!(switched.there, ["ecs UpdateClusterSettings"]);
    assert_eq!(switched.back, ["ecs UpdateClusterSettings"]);
}
